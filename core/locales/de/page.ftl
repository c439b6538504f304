### Die Seiten, die die Links in E-Mails öffnen. Die englische Datei erklärt jede Nachricht. Anrede: Sie.

## Teile, die mehrere Seiten haben.

page-error-title = Fehler: { $title }

page-languages = Sprache

page-have-code = Ich habe einen Code erhalten

page-need-link = Ich brauche einen neuen Link

page-address = E-Mail-Adresse

page-address-hint = Die Adresse, an die wir die E-Mail gesendet haben.

page-code = Code aus der E-Mail

page-code-hint = Acht Buchstaben, zum Beispiel WDJB-MJHT. Sie können auch den ganzen Link einfügen.

page-your-address = Ihre E-Mail-Adresse

page-name = Ihr Name

page-name-hint = Andere können ihn sehen. Sie können ihn später ändern.

page-password = Neues Passwort

page-password-hint = Mindestens { $min } Zeichen. Einige Wörter ohne Zusammenhang sind leicht zu merken und schwer zu erraten.

page-password-show = Passwort anzeigen

page-password-missing =
    { $count ->
        [one] Noch { $count } Zeichen nötig
       *[other] Noch { $count } Zeichen nötig
    }

page-password-enough = Lang genug

page-onward = Weiter zu { $product }

## Was eine Seite statt ihres Formulars sagt.

page-dead-title = Dieser Link funktioniert nicht mehr

page-sent-title = Sehen Sie in Ihrem Postfach nach

page-sent-hint = Falls innerhalb weniger Minuten nichts ankommt, sehen Sie im Spam-Ordner nach und prüfen Sie, ob Sie die Adresse eingegeben haben, mit der Sie sich registriert haben.

page-throttled =
    .title = Bitte warten Sie einen Moment
    .lead = Aus Ihrem Netzwerk kamen zu viele Versuche. Versuchen Sie es { $within } noch einmal.
    .hint = Es hat sich nichts geändert, und Ihr Link funktioniert weiterhin. Gehen Sie zurück oder öffnen Sie den Link in der E-Mail noch einmal.

page-disputed =
    .title = Legen Sie ein neues Passwort fest
    .why = Diese Adresse wurde mehrmals registriert, mit verschiedenen Passwörtern. Keines davon gilt, damit nur Sie das Konto benutzen können.
    .lead = Legen Sie ein neues Passwort fest. Das ist der letzte Schritt, um Ihr Konto einzurichten.

## Warum eine Anfrage scheitert.

page-problem =
    .title = Das hat nicht funktioniert
    .unavailable = Der Dienst ist im Moment nicht verfügbar. Es hat sich nichts geändert, und Ihr Link funktioniert weiterhin. Bitte versuchen Sie es in einer Minute noch einmal.
    .throttled = Es gab zu viele Versuche. Versuchen Sie es { $within } noch einmal.
    .other = Die Anfrage konnte nicht ausgeführt werden. Es hat sich nichts geändert. Bitte versuchen Sie es noch einmal.

## Was an einem Feld nicht stimmt.

page-flaw-email =
    .required = Bitte geben Sie eine E-Mail-Adresse ein.
    .too-long = Diese E-Mail-Adresse ist zu lang.
    .malformed = Das ist keine E-Mail-Adresse wie ada@example.org.

page-flaw-code =
    .required = Bitte geben Sie den Code aus der E-Mail ein.
    .malformed = Ein Code hat acht Buchstaben wie WDJB-MJHT, keine Vokale und keine Ziffern.
    .wrong-code = Diese Adresse und dieser Code gehören nicht zusammen, oder der Code wurde schon benutzt, ist abgelaufen oder wurde fünfmal falsch eingegeben. Prüfen Sie beides, öffnen Sie stattdessen den Link in der neuesten E-Mail oder fordern Sie eine neue an.

page-flaw-name =
    .required = Bitte geben Sie einen Namen ein.
    .too-long = Ein Name hat höchstens { $max } Zeichen.

page-flaw-password =
    .required = Bitte geben Sie ein Passwort ein.
    .too-short = Ein Passwort hat mindestens { $min } Zeichen.
    .too-long = Ein Passwort hat höchstens { $max } Zeichen.
    .too-common = Dieses Passwort besteht aus häufigen Passwörtern oder Wörtern. Verwenden Sie vier oder mehr Wörter ohne Zusammenhang.
    .too-guessable = Dieses Passwort besteht aus Ihrem Namen, Ihrer Adresse oder einem sich wiederholenden Muster.

page-flaw =
    .forbidden-character =
        { $why ->
            [invisible] Die Eingabe enthält das unsichtbare Zeichen { $character }. Bitte tippen Sie sie von Hand ein.
            [look-alike] Die Eingabe enthält das Zeichen { $character }, das wie „{ $twin }“ aussieht, aber ein anderer Buchstabe ist. Bitte tippen Sie sie von Hand ein.
           *[other] Die Eingabe enthält das Zeichen { $character }, das hier nicht erlaubt ist.
        }
    .other = Diese Eingabe ist nicht möglich. Bitte prüfen Sie sie.

## Die Seiten.

page-verify-email =
    .title = Bestätigen Sie Ihre E-Mail-Adresse
    .lead = Bestätigen Sie, dass diese Adresse Ihnen gehört. Das ist der letzte Schritt, um Ihr Konto einzurichten.
    .done = Ihre E-Mail-Adresse ist bestätigt
    .done-lead = Ihr Konto ist eingerichtet. Sie können diese Seite schließen und sich anmelden.
    .dead-lead = Der Link wurde schon benutzt oder ist abgelaufen. Falls Sie Ihre Adresse bereits bestätigt haben, können Sie sich anmelden. Andernfalls können wir Ihnen einen neuen Link senden.
    .ask-title = Neuen Link anfordern
    .ask-lead = Wir können einen neuen Link an die Adresse senden, die Sie bestätigen möchten.
    .ask-button = Neuen Link senden
    .sent = Falls diese Adresse noch bestätigt werden muss, haben wir einen neuen Link dorthin gesendet.

page-reset-password =
    .title = Setzen Sie Ihr Passwort zurück
    .lead = Legen Sie ein neues Passwort fest. Sie werden auf allen Ihren Geräten abgemeldet.
    .done = Ihr neues Passwort ist festgelegt
    .done-lead = Sie sind auf allen Ihren Geräten abgemeldet. Sie können sich jetzt mit dem neuen Passwort anmelden.
    .dead-lead = Der Link wurde schon benutzt oder ist abgelaufen. Wir können Ihnen einen neuen senden.
    .ask-title = Link zum Zurücksetzen anfordern
    .ask-lead = Wir können einen Link an Ihre E-Mail-Adresse senden. Damit legen Sie ein neues Passwort fest.
    .sent = Falls diese Adresse ein Konto hat, haben wir einen Link zum Zurücksetzen dorthin gesendet.

page-confirm-email =
    .title = Bestätigen Sie Ihre neue E-Mail-Adresse
    .lead = Bestätigen Sie, dass Sie diese Adresse für Ihr Konto verwenden möchten. Sie werden auf allen Ihren anderen Geräten abgemeldet.
    .done = Ihre neue E-Mail-Adresse ist bestätigt
    .done-lead = Melden Sie sich ab jetzt mit Ihrer neuen Adresse an. Sie können diese Seite schließen.
    .dead-lead = Der Link wurde schon benutzt oder ist abgelaufen, oder Sie haben einen neueren angefordert. Falls Sie die Adresse bereits bestätigt haben, ist alles erledigt. Andernfalls melden Sie sich an und ändern Sie Ihre Adresse noch einmal. Wir senden Ihnen dann einen neuen Link.

page-undo-email =
    .title = Behalten Sie Ihre E-Mail-Adresse
    .lead = Falls Sie Ihre Adresse nicht ändern wollten, machen Sie die Änderung rückgängig. Ihr Konto behält diese Adresse, alle Geräte werden abgemeldet, und das aktuelle Passwort gilt nicht mehr.
    .done = Die Änderung ist rückgängig gemacht
    .done-lead = Alle Geräte sind abgemeldet. Wir haben Ihnen eine E-Mail mit einem Link gesendet, mit dem Sie ein neues Passwort festlegen. Wählen Sie eines, das Sie sonst nirgends verwenden.
    .dead-lead = Der Link wurde schon benutzt oder ist abgelaufen, oder das Konto wurde gelöscht. Falls Sie ihn schon benutzt haben, finden Sie in Ihren E-Mails einen Link, um ein neues Passwort festzulegen. Falls jemand Ihr Konto übernommen hat, wenden Sie sich an den Support.

page-accept-invitation =
    .title = Richten Sie Ihr Konto ein
    .show-button = Anzeigen, wer Sie einlädt
    .by = Eingeladen von
    .role = Rolle
    .role-user = Benutzer: verwaltet das eigene Konto
    .role-admin = Administrator: verwaltet alle Konten
    .lead = Sie sind eingeladen, ein Konto anzulegen. Geben Sie Ihren Namen ein und legen Sie ein Passwort fest.
    .done = Ihr Konto ist eingerichtet
    .done-lead = Sie können diese Seite schließen und sich mit Ihrer E-Mail-Adresse und Ihrem neuen Passwort anmelden.
    .dead-lead = Die Einladung wurde schon benutzt, ist abgelaufen oder wurde ersetzt oder zurückgezogen. Sehen Sie nach, ob Sie eine neuere Einladung erhalten haben. Falls Sie Ihr Konto bereits eingerichtet haben, können Sie sich anmelden. Andernfalls bitten Sie um eine neue Einladung.

## Seiten für Browser ohne Link.

page-start =
    .title = Konten
    .lead = Dieser Server verwaltet die Konten von { $product }. Links in E-Mails öffnen seine Seiten.

page-not-found =
    .title = Diese Seite gibt es nicht
    .lead = Die Adresse ist falsch oder unvollständig. Falls Sie einem Link in einer E-Mail gefolgt sind, öffnen Sie die E-Mail noch einmal und kopieren Sie den ganzen Link.
