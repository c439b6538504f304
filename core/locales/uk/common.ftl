### Моменти та строки. Англійський файл пояснює кожне повідомлення.

language-name = Українська

moment = { weekday }, { day } { month } { $year } р., { $hour }:{ $minute } (UTC)

weekday =
    { $weekday ->
        [1] понеділок
        [2] вівторок
        [3] середа
        [4] четвер
        [5] п’ятниця
        [6] субота
       *[7] неділя
    }

day = { $day }

month =
    { $month ->
        [1] січня
        [2] лютого
        [3] березня
        [4] квітня
        [5] травня
        [6] червня
        [7] липня
        [8] серпня
        [9] вересня
        [10] жовтня
        [11] листопада
       *[12] грудня
    }

within-seconds =
    { $count ->
        [one] через { $count } секунду
        [few] через { $count } секунди
        [many] через { $count } секунд
       *[other] через { $count } секунди
    }
within-minutes =
    { $count ->
        [one] через { $count } хвилину
        [few] через { $count } хвилини
        [many] через { $count } хвилин
       *[other] через { $count } хвилини
    }
within-hours =
    { $count ->
        [one] через { $count } годину
        [few] через { $count } години
        [many] через { $count } годин
       *[other] через { $count } години
    }
within-days =
    { $count ->
        [one] через { $count } день
        [few] через { $count } дні
        [many] через { $count } днів
       *[other] через { $count } дня
    }
