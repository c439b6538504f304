//! Embeds the message files, and reads the list of migrations again when one is added.

use std::{env, fs, io, path::Path};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=../migrations/sql");
    println!("cargo::rerun-if-changed=locales");
    // Of this run, not of the compilation: checkouts may share a target folder.
    let folder = Path::new(&env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("locales");
    let mut code = String::from("&[\n");
    for tag in names(&folder)? {
        code += &format!("({tag:?}, &[\n");
        for file in names(&folder.join(&tag))? {
            let path = folder.join(&tag).join(&file);
            code += &format!("({file:?}, include_str!({path:?})),\n");
        }
        code += "]),\n";
    }
    let out = env::var_os("OUT_DIR").unwrap_or_default();
    fs::write(Path::new(&out).join("locales.rs"), code + "]")
}

/// The names of the entries of a folder, sorted.
fn names(folder: &Path) -> io::Result<Vec<String>> {
    let name = |entry: io::Result<fs::DirEntry>| {
        entry?.file_name().into_string().map_err(|_| io::Error::other("a name is not UTF-8"))
    };
    let mut names = fs::read_dir(folder)?.map(name).collect::<io::Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}
