### Momenty i terminy. Plik angielski objaśnia każdy komunikat.

language-name = Polski

moment = { weekday }, { day } { month } { $year } r., { $hour }:{ $minute } (UTC)

weekday =
    { $weekday ->
        [1] poniedziałek
        [2] wtorek
        [3] środa
        [4] czwartek
        [5] piątek
        [6] sobota
       *[7] niedziela
    }

day = { $day }

month =
    { $month ->
        [1] stycznia
        [2] lutego
        [3] marca
        [4] kwietnia
        [5] maja
        [6] czerwca
        [7] lipca
        [8] sierpnia
        [9] września
        [10] października
        [11] listopada
       *[12] grudnia
    }

within-seconds =
    { $count ->
        [one] za { $count } sekundę
        [few] za { $count } sekundy
        [many] za { $count } sekund
       *[other] za { $count } sekundy
    }
within-minutes =
    { $count ->
        [one] za { $count } minutę
        [few] za { $count } minuty
        [many] za { $count } minut
       *[other] za { $count } minuty
    }
within-hours =
    { $count ->
        [one] za { $count } godzinę
        [few] za { $count } godziny
        [many] za { $count } godzin
       *[other] za { $count } godziny
    }
within-days =
    { $count ->
        [one] za { $count } dzień
        [few] za { $count } dni
        [many] za { $count } dni
       *[other] za { $count } dnia
    }
