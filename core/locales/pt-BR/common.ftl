### Momentos e prazos. O arquivo em inglês explica cada mensagem.

language-name = Português (Brasil)

moment = { weekday }, { day } de { month } de { $year }, { $hour }:{ $minute } (UTC)

weekday =
    { $weekday ->
        [1] segunda-feira
        [2] terça-feira
        [3] quarta-feira
        [4] quinta-feira
        [5] sexta-feira
        [6] sábado
       *[7] domingo
    }

# O primeiro dia do mês é escrito «1º».
day =
    { $day ->
        [one] 1º
       *[other] { $day }
    }

month =
    { $month ->
        [1] janeiro
        [2] fevereiro
        [3] março
        [4] abril
        [5] maio
        [6] junho
        [7] julho
        [8] agosto
        [9] setembro
        [10] outubro
        [11] novembro
       *[12] dezembro
    }

within-seconds =
    { $count ->
        [one] em { $count } segundo
       *[other] em { $count } segundos
    }
within-minutes =
    { $count ->
        [one] em { $count } minuto
       *[other] em { $count } minutos
    }
within-hours =
    { $count ->
        [one] em { $count } hora
       *[other] em { $count } horas
    }
within-days =
    { $count ->
        [one] em { $count } dia
       *[other] em { $count } dias
    }
