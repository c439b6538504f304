### 日時と期間。各メッセージの説明は英語のファイルにあります。

language-name = 日本語

moment = { $year }年{ month }{ day }日（{ weekday }）{ $hour }:{ $minute }（UTC）

weekday =
    { $weekday ->
        [1] 月曜日
        [2] 火曜日
        [3] 水曜日
        [4] 木曜日
        [5] 金曜日
        [6] 土曜日
       *[7] 日曜日
    }

day = { $day }

month =
    { $month ->
        [1] 1月
        [2] 2月
        [3] 3月
        [4] 4月
        [5] 5月
        [6] 6月
        [7] 7月
        [8] 8月
        [9] 9月
        [10] 10月
        [11] 11月
       *[12] 12月
    }

within-seconds = { $count }秒後

within-minutes = { $count }分後

within-hours = { $count }時間後

within-days = { $count }日後
