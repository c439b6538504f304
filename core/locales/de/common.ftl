### Zeitpunkte und Zeitspannen. Die englische Datei erklärt jede Nachricht.

language-name = Deutsch

moment = { weekday }, { day }. { month } { $year }, { $hour }:{ $minute } Uhr (UTC)

weekday =
    { $weekday ->
        [1] Montag
        [2] Dienstag
        [3] Mittwoch
        [4] Donnerstag
        [5] Freitag
        [6] Samstag
       *[7] Sonntag
    }

day = { $day }

month =
    { $month ->
        [1] Januar
        [2] Februar
        [3] März
        [4] April
        [5] Mai
        [6] Juni
        [7] Juli
        [8] August
        [9] September
        [10] Oktober
        [11] November
       *[12] Dezember
    }

within-seconds =
    { $count ->
        [one] in { $count } Sekunde
       *[other] in { $count } Sekunden
    }
within-minutes =
    { $count ->
        [one] in { $count } Minute
       *[other] in { $count } Minuten
    }
within-hours =
    { $count ->
        [one] in { $count } Stunde
       *[other] in { $count } Stunden
    }
within-days =
    { $count ->
        [one] in { $count } Tag
       *[other] in { $count } Tagen
    }
