### Momenti e scadenze. Il file inglese spiega ogni messaggio.

language-name = Italiano

moment = { weekday } { day } { month } { $year }, { $hour }:{ $minute } (UTC)

weekday =
    { $weekday ->
        [1] lunedì
        [2] martedì
        [3] mercoledì
        [4] giovedì
        [5] venerdì
        [6] sabato
       *[7] domenica
    }

# Il primo del mese si scrive «1º».
day =
    { $day ->
        [one] 1º
       *[other] { $day }
    }

month =
    { $month ->
        [1] gennaio
        [2] febbraio
        [3] marzo
        [4] aprile
        [5] maggio
        [6] giugno
        [7] luglio
        [8] agosto
        [9] settembre
        [10] ottobre
        [11] novembre
       *[12] dicembre
    }

within-seconds =
    { $count ->
        [one] tra { $count } secondo
       *[other] tra { $count } secondi
    }
within-minutes =
    { $count ->
        [one] tra { $count } minuto
       *[other] tra { $count } minuti
    }
within-hours =
    { $count ->
        [one] tra { $count } ora
       *[other] tra { $count } ore
    }
within-days =
    { $count ->
        [one] tra { $count } giorno
       *[other] tra { $count } giorni
    }
