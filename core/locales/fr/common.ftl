### Moments et durées. Le fichier anglais explique chaque message.

language-name = Français

moment = { weekday } { day } { month } { $year } à { $hour } h { $minute } (UTC)

weekday =
    { $weekday ->
        [1] lundi
        [2] mardi
        [3] mercredi
        [4] jeudi
        [5] vendredi
        [6] samedi
       *[7] dimanche
    }

# Le premier du mois s’écrit « 1er ».
day =
    { $day ->
        [one] 1er
       *[other] { $day }
    }

month =
    { $month ->
        [1] janvier
        [2] février
        [3] mars
        [4] avril
        [5] mai
        [6] juin
        [7] juillet
        [8] août
        [9] septembre
        [10] octobre
        [11] novembre
       *[12] décembre
    }

within-seconds =
    { $count ->
        [one] dans { $count } seconde
       *[other] dans { $count } secondes
    }
within-minutes =
    { $count ->
        [one] dans { $count } minute
       *[other] dans { $count } minutes
    }
within-hours =
    { $count ->
        [one] dans { $count } heure
       *[other] dans { $count } heures
    }
within-days =
    { $count ->
        [one] dans { $count } jour
       *[other] dans { $count } jours
    }
