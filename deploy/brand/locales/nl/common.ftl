language-name = Nederlands

moment = { weekday } { day } { month } { $year }, { $hour }:{ $minute } uur (UTC)

weekday =
    { $weekday ->
        [1] maandag
        [2] dinsdag
        [3] woensdag
        [4] donderdag
        [5] vrijdag
        [6] zaterdag
       *[7] zondag
    }

day = { $day }

month =
    { $month ->
        [1] januari
        [2] februari
        [3] maart
        [4] april
        [5] mei
        [6] juni
        [7] juli
        [8] augustus
        [9] september
        [10] oktober
        [11] november
       *[12] december
    }

within-minutes =
    { $count ->
        [one] binnen { $count } minuut
       *[other] binnen { $count } minuten
    }

within-hours =
    { $count ->
        [one] binnen { $count } uur
       *[other] binnen { $count } uur
    }

within-days =
    { $count ->
        [one] binnen { $count } dag
       *[other] binnen { $count } dagen
    }
