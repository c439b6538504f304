### Momentos y plazos. El archivo inglés explica cada mensaje.

language-name = Español

moment = { weekday }, { day } de { month } de { $year }, { $hour }:{ $minute } (UTC)

weekday =
    { $weekday ->
        [1] lunes
        [2] martes
        [3] miércoles
        [4] jueves
        [5] viernes
        [6] sábado
       *[7] domingo
    }

day = { $day }

month =
    { $month ->
        [1] enero
        [2] febrero
        [3] marzo
        [4] abril
        [5] mayo
        [6] junio
        [7] julio
        [8] agosto
        [9] septiembre
        [10] octubre
        [11] noviembre
       *[12] diciembre
    }

within-seconds =
    { $count ->
        [one] dentro de { $count } segundo
       *[other] dentro de { $count } segundos
    }
within-minutes =
    { $count ->
        [one] dentro de { $count } minuto
       *[other] dentro de { $count } minutos
    }
within-hours =
    { $count ->
        [one] dentro de { $count } hora
       *[other] dentro de { $count } horas
    }
within-days =
    { $count ->
        [one] dentro de { $count } día
       *[other] dentro de { $count } días
    }
