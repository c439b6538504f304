### Times and durations.
###
### This file and its neighbours are written in Fluent: https://projectfluent.org/fluent/guide/
### The English files explain each message; translate the text right of the equals sign, and keep the
### names on its left and the variables in braces. See docs/contribute/languages.md.

# The name of the language, in itself.
language-name = English

# A time in full, in the order and with the marks that your readers expect. Always UTC: say so.
#   { weekday }, { day }, { month }: the messages below
#   { $year }: a number
#   { $hour }, { $minute }: two digits each, from 00 to 23 and from 00 to 59
moment = { weekday }, { day } { month } { $year }, { $hour }:{ $minute } UTC

# The day of the week: 1 is Monday. Written as in a moment.
weekday =
    { $weekday ->
        [1] Monday
        [2] Tuesday
        [3] Wednesday
        [4] Thursday
        [5] Friday
        [6] Saturday
       *[7] Sunday
    }

# The day of the month, written as in a moment. Some languages write the first in a way of its own.
day = { $day }

# The month, written as in a moment, beside the day.
month =
    { $month ->
        [1] January
        [2] February
        [3] March
        [4] April
        [5] May
        [6] June
        [7] July
        [8] August
        [9] September
        [10] October
        [11] November
       *[12] December
    }

# How soon a link expires (mail-expiry), or when to try again (page-throttled). Use the plural forms of
# your language, such as one, few, many and other:
# https://www.unicode.org/cldr/charts/latest/supplemental/language_plural_rules.html
within-seconds =
    { $count ->
        [one] in { $count } second
       *[other] in { $count } seconds
    }
within-minutes =
    { $count ->
        [one] in { $count } minute
       *[other] in { $count } minutes
    }
within-hours =
    { $count ->
        [one] in { $count } hour
       *[other] in { $count } hours
    }
within-days =
    { $count ->
        [one] in { $count } day
       *[other] in { $count } days
    }
