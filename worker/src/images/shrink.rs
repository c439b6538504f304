//! The square in the middle of a picture that comes row by row, made smaller on the way.

use super::SIZES_PX;

/// Collects the square in the middle of a picture. A large one is averaged over boxes of `n` x `n`
/// pixels, with `n` such that at least twice the pixels of the largest rendition are left across:
/// what is kept is less than 17 megabytes, whatever the size of the picture.
pub(super) struct Square {
    /// Samples per pixel; the last of two or four is alpha.
    samples: usize,
    /// Of a box, in pixels.
    box_side: u32,
    /// Boxes across, and down.
    side: u32,
    /// First pixel across and first row of the square.
    left: usize,
    top: u32,
    /// Rows that have come.
    rows: u32,
    /// Sums over the row of boxes that is being filled: the samples, weighted with alpha.
    sums: Vec<u32>,
    pixels: Vec<u8>,
}

impl Square {
    pub(super) fn new(width: u32, height: u32, samples: usize) -> Self {
        let shorter = width.min(height);
        let box_side = (shorter / (2 * SIZES_PX[0])).max(1);
        let side = shorter / box_side;
        let covered = side * box_side;
        Self {
            samples,
            box_side,
            side,
            left: ((width - covered) / 2) as usize,
            top: (height - covered) / 2,
            rows: 0,
            sums: vec![0; side as usize * samples],
            pixels: Vec::with_capacity(side as usize * side as usize * samples),
        }
    }

    /// Takes the next row of the picture; `row` has at least its `width * samples` bytes.
    pub(super) fn push(&mut self, row: &[u8]) {
        let nth = self.rows.checked_sub(self.top);
        self.rows += 1;
        let Some(nth) = nth.filter(|nth| *nth < self.side * self.box_side) else {
            return;
        };
        let from = self.left * self.samples;
        let covered = (self.side * self.box_side) as usize * self.samples;
        let row = &row[from..from + covered];
        if self.box_side == 1 {
            self.pixels.extend_from_slice(row);
            return;
        }
        let has_alpha = self.samples.is_multiple_of(2);
        let boxes = row.chunks_exact(self.box_side as usize * self.samples);
        for (sums, pixels) in self.sums.chunks_exact_mut(self.samples).zip(boxes) {
            for pixel in pixels.chunks_exact(self.samples) {
                add(sums, pixel, has_alpha);
            }
        }
        if (nth + 1).is_multiple_of(self.box_side) {
            let pixels_per_box = self.box_side * self.box_side;
            for sums in self.sums.chunks_exact_mut(self.samples) {
                average(sums, pixels_per_box, has_alpha, &mut self.pixels);
                sums.fill(0);
            }
        }
    }

    /// The side in pixels, and the pixels.
    pub(super) fn finish(self) -> (u32, Vec<u8>) {
        (self.side, self.pixels)
    }
}

/// At most 48 x 48 pixels of 255 x 255 are added up: far from an overflow.
fn add(sums: &mut [u32], pixel: &[u8], has_alpha: bool) {
    match pixel {
        [colours @ .., alpha] if has_alpha => {
            let alpha = u32::from(*alpha);
            for (sum, sample) in sums.iter_mut().zip(colours) {
                *sum += u32::from(*sample) * alpha;
            }
            if let Some(sum) = sums.last_mut() {
                *sum += alpha;
            }
        }
        _ => sums.iter_mut().zip(pixel).for_each(|(sum, sample)| *sum += u32::from(*sample)),
    }
}

fn average(sums: &[u32], pixels_per_box: u32, has_alpha: bool, out: &mut Vec<u8>) {
    let rounded = |sum: u32, by: u32| ((sum + by / 2) / by.max(1)) as u8;
    match sums {
        [colours @ .., alpha] if has_alpha => {
            out.extend(colours.iter().map(|sum| rounded(*sum, *alpha)));
            out.push(rounded(*alpha, pixels_per_box));
        }
        _ => out.extend(sums.iter().map(|sum| rounded(*sum, pixels_per_box))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_picture_is_cropped_to_the_middle_and_nothing_else() {
        let mut square = Square::new(4, 2, 1);
        square.push(&[1, 2, 3, 4]);
        square.push(&[5, 6, 7, 8]);
        assert_eq!(square.finish(), (2, vec![2, 3, 6, 7]));
    }

    #[test]
    fn a_large_picture_is_averaged_and_what_is_transparent_lends_no_colour() {
        let mut square = Square::new(2048, 2050, 4);
        let row = [[200, 100, 0, 255], [7, 7, 7, 0]].concat().repeat(1024);
        (0..2050).for_each(|_| square.push(&row));
        let (side, pixels) = square.finish();
        assert_eq!(side, 1024);
        assert_eq!(pixels.len(), 1024 * 1024 * 4);
        assert!(pixels.chunks(4).all(|pixel| pixel == [200, 100, 0, 128]));
    }
}
