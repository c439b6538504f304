### Die E-Mails. Die englische Datei erklärt jede Nachricht. Anrede: Sie.

## Teile, die mehrere E-Mails haben.

mail-greeting = Guten Tag, { $name },

mail-greeting-nameless = Guten Tag,

mail-by-hand = Falls die Schaltfläche nicht funktioniert, öffnen Sie diese Adresse:

mail-other-device = Auf einem anderen Gerät öffnen Sie diese Seite:

mail-code = Geben Sie dort Ihre E-Mail-Adresse und diesen Code ein:

mail-expiry = Der Link funktioniert einmal und läuft { $within } ab: { $expires }.

mail-asked = Angefordert: { $at }.

mail-ip = IP-Adresse: { $ip }

mail-ip-unknown = IP-Adresse: unbekannt

mail-not-you-heading = Falls Sie das nicht waren

mail-reset-button = Link zum Zurücksetzen anfordern

mail-support = Brauchen Sie Hilfe? Schreiben Sie an:

mail-footer = Diese E-Mail wurde automatisch versendet. Antworten darauf werden nicht gelesen.

## Die E-Mails.

mail-verification =
    .subject = Bestätigen Sie Ihre E-Mail-Adresse für { $product }
    .preheader = Bestätigen Sie Ihre Adresse, um Ihr Konto fertig einzurichten. Frist: { $expires }.
    .heading = Bestätigen Sie Ihre E-Mail-Adresse
    .body = Willkommen bei { $product }. Um Ihr Konto fertig einzurichten, bestätigen Sie bitte, dass dies Ihre E-Mail-Adresse ist. Der Link öffnet eine Seite; bestätigen Sie dort mit der Schaltfläche.
    .button = E-Mail-Adresse bestätigen
    .not-you = Sie müssen nichts tun. Ohne diese Bestätigung verwenden wir Ihre Adresse nicht, und der Link läuft ab.

mail-already-registered =
    .subject = Sie haben bereits ein Konto bei { $product }
    .preheader = Es hat sich nichts geändert. Melden Sie sich wie gewohnt an oder legen Sie ein neues Passwort fest.
    .heading = Sie haben bereits ein Konto
    .body =
        Mit dieser E-Mail-Adresse sollte ein neues Konto bei { $product } angelegt werden. Sie haben bereits ein Konto, deshalb hat sich nichts geändert. Melden Sie sich wie gewohnt an.

        Falls Sie Ihr Passwort vergessen haben, fordern Sie einen Link an, um ein neues festzulegen.
    .not-you = Sie müssen nichts tun. Ihr Konto und Ihr Passwort sind unverändert, und wir haben nicht verraten, dass diese Adresse ein Konto hat.

mail-password-reset =
    .subject = Setzen Sie Ihr Passwort für { $product } zurück
    .preheader = Legen Sie ein neues Passwort fest. Frist: { $expires }. Falls Sie das nicht angefordert haben, müssen Sie nichts tun.
    .heading = Setzen Sie Ihr Passwort zurück
    .body = Für Ihr Konto bei { $product } wurde angefordert, das Passwort zurückzusetzen. Wenn Sie ein neues Passwort festlegen, werden Sie auf allen Geräten abgemeldet.
    .button = Neues Passwort festlegen
    .not-you = Sie müssen nichts tun. Ihr Passwort bleibt unverändert, und der Link läuft ab. Nur diese E-Mail enthält den Link, leiten Sie sie deshalb nicht weiter.

mail-password-reset-forced =
    .subject = Legen Sie ein neues Passwort für { $product } fest
    .preheader = Ihr bisheriges Passwort gilt nicht mehr. Legen Sie ein neues fest. Frist: { $expires }.
    .heading = Legen Sie ein neues Passwort fest
    .body =
        Die Administration von { $product } verlangt, dass Sie ein neues Passwort festlegen. Ihr bisheriges Passwort gilt nicht mehr, und Sie sind auf allen Geräten abgemeldet.

        Falls der Link abgelaufen ist, sendet Ihnen die Seite, die er öffnet, einen neuen.
    .button = Neues Passwort festlegen
    .asked = Von der Administration angefordert: { $at }.
    .not-you-heading = Falls Sie nicht sicher sind, ob diese E-Mail echt ist
    .not-you = Verwenden Sie den Link nicht. Geben Sie die Adresse von { $product } in Ihren Browser ein und fordern Sie dort ein neues Passwort an. Nur diese E-Mail enthält den Link, leiten Sie sie deshalb nicht weiter.

mail-password-changed =
    .subject = Ihr Passwort für { $product } wurde geändert
    .preheader = Geändert: { $at }. Falls Sie das waren, müssen Sie nichts tun.
    .heading = Ihr Passwort wurde geändert
    .body =
        Das Passwort Ihres Kontos bei { $product } wurde geändert. Das alte Passwort gilt nicht mehr, und alle Ihre anderen Sitzungen sind beendet: Melden Sie sich auf Ihren anderen Geräten mit dem neuen Passwort an.

        Falls Sie das waren, müssen Sie nichts tun.
    .asked = Geändert: { $at }.
    .not-you = Fordern Sie jetzt einen Link zum Zurücksetzen an und legen Sie ein neues Passwort fest. Damit melden Sie auch die Person ab, die es geändert hat.
    .after-button = Ändern Sie danach auch das Passwort Ihres Postfachs: Wer Ihre E-Mails lesen kann, kann auch Ihre Passwörter zurücksetzen. Teilen Sie dem Team von { $product } mit, was geschehen ist.

mail-email-change-confirmation =
    .subject = Bestätigen Sie Ihre neue E-Mail-Adresse für { $product }
    .preheader = Bestätigen Sie, um diese Adresse für Ihr Konto zu verwenden. Frist: { $expires }.
    .heading = Bestätigen Sie Ihre neue E-Mail-Adresse
    .body =
        Diese E-Mail-Adresse soll künftig zu einem Konto bei { $product } gehören. Bestätigen Sie, dass es Ihre Adresse ist. Der Link öffnet eine Seite; mit der Schaltfläche dort ändern Sie die Adresse des Kontos.

        Nach der Bestätigung melden Sie sich mit dieser Adresse an und erhalten hier die E-Mails von { $product }.
    .button = E-Mail-Adresse bestätigen
    .not-you = Sie müssen nichts tun. Ohne diese Bestätigung wird Ihre Adresse für kein Konto verwendet, und der Link läuft ab.

mail-email-change-notice =
    .subject = Ihre E-Mail-Adresse für { $product } soll geändert werden
    .preheader = Für Ihr Konto soll eine andere Adresse verwendet werden. Falls Sie das waren, müssen Sie nichts tun.
    .heading = Ihre E-Mail-Adresse soll geändert werden
    .body =
        Für Ihr Konto bei { $product } wurde eine andere E-Mail-Adresse angegeben. Noch hat sich nichts geändert: Die Adresse ändert sich, sobald sie mit einem Link bestätigt wird, den wir dorthin gesendet haben.

        Falls Sie das waren, müssen Sie nichts tun.
    .not-you = Jemand, der Ihr Passwort kennt, hat das veranlasst. Machen Sie die Änderung rückgängig: Der Link öffnet eine Seite, und die Schaltfläche dort meldet alle Geräte ab und macht Ihr Passwort ungültig. Danach senden wir an diese Adresse einen Link, mit dem Sie ein neues Passwort festlegen. Der Link funktioniert auch nach der Änderung noch.
    .button = Änderung rückgängig machen
    .after-button = Falls Ihr Postfach dasselbe Passwort hat, ändern Sie auch dieses.

mail-email-changed =
    .subject = Ihre E-Mail-Adresse für { $product } wurde geändert
    .preheader = Geändert: { $at }. Falls Sie das waren, müssen Sie nichts tun.
    .heading = Ihre E-Mail-Adresse wurde geändert
    .body =
        Ihr Konto bei { $product } hat jetzt eine andere E-Mail-Adresse. Melden Sie sich mit der neuen Adresse an; diese Adresse gehört nicht mehr zum Konto. Auf Ihren anderen Geräten müssen Sie sich neu anmelden.

        Falls Sie das waren, müssen Sie nichts tun.
    .asked = Geändert: { $at }.
    .not-you = Machen Sie die Änderung rückgängig: Der Link öffnet eine Seite, und die Schaltfläche dort gibt Ihrem Konto diese Adresse zurück, meldet alle Geräte ab und macht das Passwort ungültig. Danach senden wir an diese Adresse einen Link, mit dem Sie ein neues Passwort festlegen.
    .button = Änderung rückgängig machen
    .after-button = Teilen Sie dem Team von { $product } mit, was geschehen ist.

mail-account-deleted =
    .subject = Ihr Konto bei { $product } wurde gelöscht
    .preheader = Mit allen Daten gelöscht: { $at }.
    .heading = Ihr Konto wurde gelöscht
    .body =
        Ihr Konto bei { $product } wurde mit allen Daten gelöscht. Es kann nicht wiederhergestellt werden. Dies ist die letzte E-Mail dazu: Wir löschen Ihre E-Mail-Adresse, sobald diese E-Mail zugestellt ist.

        Sie können jederzeit ein neues Konto anlegen.
    .asked = Gelöscht: { $at }.
    .not-you = Wer das Konto gelöscht hat, kannte Ihr Passwort. Ändern Sie es überall, wo Sie es sonst verwenden, und teilen Sie dem Team von { $product } mit, was geschehen ist.

mail-former-account-deleted =
    .subject = Das Konto bei { $product }, das diese Adresse hatte, wurde gelöscht
    .preheader = Gelöscht, nachdem die Adresse geändert worden war: { $at }. Falls Sie das selbst waren, müssen Sie nichts tun.
    .heading = Das Konto, das diese Adresse hatte, wurde gelöscht
    .body =
        Das Konto bei { $product }, das früher diese E-Mail-Adresse hatte, wurde mit allen Daten gelöscht. Es kann nicht wiederhergestellt werden, und der Link in unserer früheren E-Mail, mit dem sich die Änderung der Adresse rückgängig machen ließ, funktioniert nicht mehr.

        Falls Sie die Adresse selbst geändert und das Konto selbst gelöscht haben, müssen Sie nichts tun. Dies ist die letzte E-Mail zu diesem Konto: Wir löschen Ihre E-Mail-Adresse, sobald diese E-Mail zugestellt ist.
    .asked = Gelöscht: { $at }.
    .not-you = Wer das Konto gelöscht hat, kannte Ihr Passwort oder kann Ihre E-Mails lesen. Teilen Sie dem Team von { $product } mit, was geschehen ist; in dieser E-Mail und in den früheren steht, wann und von wo. Ändern Sie danach das Passwort Ihres Postfachs, und das Passwort des Kontos überall, wo Sie es sonst verwenden.

mail-account-deleted-by-admin =
    .subject = Ihr Konto bei { $product } wurde gelöscht
    .preheader = Mit allen Daten gelöscht: { $at }.
    .heading = Ihr Konto wurde gelöscht
    .body = Die Administration von { $product } hat Ihr Konto mit allen Daten gelöscht. Es kann nicht wiederhergestellt werden, und Links in früheren E-Mails dazu funktionieren nicht mehr. Dies ist die letzte E-Mail dazu: Wir löschen Ihre E-Mail-Adresse, sobald diese E-Mail zugestellt ist.
    .asked = Von der Administration gelöscht: { $at }.
    .not-you-heading = Falls Sie nicht wissen, warum
    .not-you = Fragen Sie das Team von { $product }.

mail-invitation =
    .subject = Sie sind zu { $product } eingeladen
    .preheader = Legen Sie Ihr Konto an. Frist: { $expires }. Falls Sie keines möchten, müssen Sie nichts tun.
    .heading = Sie sind eingeladen
    .body = Die Administration von { $product } lädt Sie ein, mit dieser E-Mail-Adresse ein Konto anzulegen. Auf der Seite, die der Link öffnet, wählen Sie einen Namen und ein Passwort.
    .button = Konto anlegen
    .asked = Von der Administration gesendet: { $at }.
    .not-you-heading = Falls Sie kein Konto möchten
    .not-you = Sie müssen nichts tun. Nur mit diesem Link lässt sich ein Konto in Ihrem Namen anlegen, und er läuft ab. Leiten Sie ihn nicht weiter.

mail-reuse-detected =
    .subject = Eine Sitzung Ihres Kontos bei { $product } wurde beendet
    .preheader = Jemand hat ein veraltetes Anmeldetoken dieser Sitzung verwendet. Beendet: { $at }.
    .heading = Eine Sitzung wurde beendet
    .body =
        Wir haben eine Sitzung Ihres Kontos bei { $product } beendet, weil jemand ein veraltetes Anmeldetoken dieser Sitzung verwendet hat, das Ihr Gerät bereits ersetzt hatte. Entweder hat eine App einen Fehler, oder jemand hat das Token kopiert.

        Melden Sie sich auf diesem Gerät neu an. Ihre anderen Sitzungen laufen weiter, und Ihr Passwort wurde nicht verwendet.
    .asked = Beendet: { $at }.
    .ip = Das Token wurde von dieser IP-Adresse aus verwendet: { $ip }
    .not-you = Falls Sie diese IP-Adresse nicht kennen oder falls das wieder geschieht, fordern Sie einen Link zum Zurücksetzen an und legen Sie ein neues Passwort fest. Damit werden alle Geräte abgemeldet.
    .after-button = Prüfen Sie danach, was auf Ihrem Gerät mitgelesen haben könnte: eine Browser-Erweiterung, ein gemeinsam genutzter Computer, ein Programm, dem Sie nicht vertrauen.
