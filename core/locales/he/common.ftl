### זמנים ומועדים. הקובץ באנגלית מסביר כל הודעה.

language-name = עברית

moment = יום { weekday }, { day } ב{ month } { $year }, { $hour }:{ $minute } (UTC)

weekday =
    { $weekday ->
        [1] שני
        [2] שלישי
        [3] רביעי
        [4] חמישי
        [5] שישי
        [6] שבת
       *[7] ראשון
    }

day = { $day }

month =
    { $month ->
        [1] ינואר
        [2] פברואר
        [3] מרץ
        [4] אפריל
        [5] מאי
        [6] יוני
        [7] יולי
        [8] אוגוסט
        [9] ספטמבר
        [10] אוקטובר
        [11] נובמבר
       *[12] דצמבר
    }

within-seconds =
    { $count ->
        [one] בעוד שנייה
        [two] בעוד { $count } שניות
       *[other] בעוד { $count } שניות
    }
within-minutes =
    { $count ->
        [one] בעוד דקה
        [two] בעוד { $count } דקות
       *[other] בעוד { $count } דקות
    }
within-hours =
    { $count ->
        [one] בעוד שעה
        [two] בעוד שעתיים
       *[other] בעוד { $count } שעות
    }
within-days =
    { $count ->
        [one] בעוד יום
        [two] בעוד יומיים
       *[other] בעוד { $count } ימים
    }
