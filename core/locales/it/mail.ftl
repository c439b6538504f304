### Le email. Il file inglese spiega ogni messaggio. Al lettore si dà del tu.

## Parti comuni a più email.

mail-greeting = Ciao { $name },

mail-greeting-nameless = Ciao,

mail-by-hand = Se il pulsante non funziona, apri questo indirizzo:

mail-other-device = Su un altro dispositivo, apri questa pagina:

mail-code = Inserisci lì il tuo indirizzo email e questo codice:

mail-expiry = Il link funziona una sola volta e scade { $within }: { $expires }.

mail-asked = Richiesta: { $at }.

mail-ip = Indirizzo IP: { $ip }

mail-ip-unknown = Indirizzo IP: sconosciuto

mail-not-you-heading = Se non l’hai fatto tu

mail-reset-button = Ricevi un link di reimpostazione

mail-support = Hai bisogno di aiuto? Scrivi a:

mail-footer = Questa email è stata inviata automaticamente. Le risposte non vengono lette.

## Le email.

mail-verification =
    .subject = Conferma il tuo indirizzo email per { $product }
    .preheader = Conferma il tuo indirizzo per completare la creazione dell’account. Scadenza: { $expires }.
    .heading = Conferma il tuo indirizzo email
    .body = Ti diamo il benvenuto su { $product }. Per completare la creazione dell’account, conferma che questo è il tuo indirizzo email. Il link apre una pagina; premi il pulsante che vi trovi per confermare.
    .button = Conferma l’indirizzo email
    .not-you = Non devi fare nulla. Senza questa conferma non usiamo il tuo indirizzo, e il link scade.

mail-already-registered =
    .subject = Hai già un account { $product }
    .preheader = Non è cambiato nulla. Accedi come al solito o scegli una nuova password.
    .heading = Hai già un account
    .body =
        Abbiamo ricevuto la richiesta di creare un account { $product } con questo indirizzo email. Hai già un account, quindi non è cambiato nulla. Accedi come al solito.

        Se hai dimenticato la password, richiedi un link per sceglierne una nuova.
    .not-you = Non devi fare nulla. Il tuo account e la tua password non sono cambiati, e non abbiamo rivelato che questo indirizzo ha un account.

mail-password-reset =
    .subject = Reimposta la tua password di { $product }
    .preheader = Scegli una nuova password. Scadenza: { $expires }. Se non l’hai richiesto, non devi fare nulla.
    .heading = Reimposta la tua password
    .body = Abbiamo ricevuto la richiesta di reimpostare la password del tuo account { $product }. Scegliendo una nuova password esci da tutti i dispositivi.
    .button = Scegli una nuova password
    .not-you = Non devi fare nulla. La tua password resta la stessa, e il link scade. Solo questa email contiene il link, quindi non inoltrarla.

mail-password-reset-forced =
    .subject = Scegli una nuova password per { $product }
    .preheader = La tua vecchia password non è più valida. Scegline una nuova. Scadenza: { $expires }.
    .heading = Scegli una nuova password
    .body =
        L’amministrazione di { $product } ti chiede di scegliere una nuova password. La tua vecchia password non è più valida, e le tue sessioni sono state chiuse su tutti i dispositivi.

        Se il link è scaduto, la pagina che apre te ne invia uno nuovo.
    .button = Scegli una nuova password
    .asked = Richiesta dell’amministrazione: { $at }.
    .not-you-heading = Se non sai se questa email è autentica
    .not-you = Non usare il link. Scrivi l’indirizzo di { $product } nel browser e richiedi lì una nuova password. Solo questa email contiene il link, quindi non inoltrarla.

mail-password-changed =
    .subject = La tua password di { $product } è stata cambiata
    .preheader = Cambiata: { $at }. Se l’hai fatto tu, non devi fare nulla.
    .heading = La tua password è stata cambiata
    .body =
        La password del tuo account { $product } è stata cambiata. La vecchia password non è più valida, e tutte le altre tue sessioni sono terminate: accedi di nuovo sugli altri dispositivi con la nuova password.

        Se l’hai fatto tu, non devi fare nulla.
    .asked = Cambiata: { $at }.
    .not-you = Richiedi subito un link di reimpostazione e scegli una nuova password. Così fai uscire anche la persona che l’ha cambiata.
    .after-button = Poi cambia anche la password della tua casella di posta: chi può leggere la tua posta può reimpostare le tue password. Racconta l’accaduto a chi gestisce { $product }.

mail-email-change-confirmation =
    .subject = Conferma il tuo nuovo indirizzo email per { $product }
    .preheader = Conferma per usare questo indirizzo con il tuo account. Scadenza: { $expires }.
    .heading = Conferma il tuo nuovo indirizzo email
    .body =
        Abbiamo ricevuto la richiesta di usare questo indirizzo email per un account { $product }. Conferma che è il tuo. Il link apre una pagina; premi il pulsante che vi trovi per cambiare l’indirizzo dell’account.

        Dopo la conferma accedi con questo indirizzo e ricevi qui le email di { $product }.
    .button = Conferma l’indirizzo email
    .not-you = Non devi fare nulla. Senza questa conferma il tuo indirizzo non viene usato per nessun account, e il link scade.

mail-email-change-notice =
    .subject = Il tuo indirizzo email di { $product } sta per cambiare
    .preheader = Abbiamo ricevuto la richiesta di usare un altro indirizzo per il tuo account. Se l’hai fatto tu, non devi fare nulla.
    .heading = Il tuo indirizzo email sta per cambiare
    .body =
        Abbiamo ricevuto la richiesta di usare un altro indirizzo email per il tuo account { $product }. Non è ancora cambiato nulla: l’indirizzo cambia quando viene confermato con un link che abbiamo inviato lì.

        Se l’hai fatto tu, non devi fare nulla.
    .not-you = Lo ha richiesto qualcuno che conosce la tua password. Annulla il cambio: il link apre una pagina, e il pulsante che vi trovi fa uscire tutti i dispositivi e disattiva la tua password. Poi inviamo a questo indirizzo un link per scegliere una nuova password. Il link funziona anche dopo il cambio.
    .button = Annulla il cambio
    .after-button = Se la tua casella di posta ha la stessa password, cambia anche quella.

mail-email-changed =
    .subject = Il tuo indirizzo email di { $product } è stato cambiato
    .preheader = Cambiato: { $at }. Se l’hai fatto tu, non devi fare nulla.
    .heading = Il tuo indirizzo email è stato cambiato
    .body =
        Il tuo account { $product } ha ora un altro indirizzo email. Accedi con il nuovo indirizzo; questo non appartiene più all’account. Sugli altri dispositivi devi accedere di nuovo.

        Se l’hai fatto tu, non devi fare nulla.
    .asked = Cambiato: { $at }.
    .not-you = Annulla il cambio: il link apre una pagina, e il pulsante che vi trovi restituisce questo indirizzo al tuo account, fa uscire tutti i dispositivi e disattiva la password. Poi inviamo a questo indirizzo un link per scegliere una nuova password.
    .button = Annulla il cambio
    .after-button = Racconta l’accaduto a chi gestisce { $product }.

mail-account-deleted =
    .subject = Il tuo account { $product } è stato eliminato
    .preheader = Eliminato con tutti i suoi dati: { $at }.
    .heading = Il tuo account è stato eliminato
    .body =
        Il tuo account { $product } è stato eliminato con tutti i suoi dati. Non può essere ripristinato. Questa è l’ultima email che lo riguarda: cancelliamo il tuo indirizzo appena questa email è stata consegnata.

        Puoi creare un nuovo account in qualsiasi momento.
    .asked = Eliminato: { $at }.
    .not-you = Chi ha eliminato l’account conosceva la tua password. Cambiala ovunque la usi, e racconta l’accaduto a chi gestisce { $product }.

mail-former-account-deleted =
    .subject = L’account { $product } che aveva questo indirizzo è stato eliminato
    .preheader = Eliminato dopo che il suo indirizzo era stato cambiato: { $at }. Se l’hai fatto tu, non devi fare nulla.
    .heading = L’account che aveva questo indirizzo è stato eliminato
    .body =
        L’account { $product } che prima aveva questo indirizzo email è stato eliminato con tutti i suoi dati. Non può essere ripristinato, e il link della nostra email precedente per annullare il cambio di indirizzo non funziona più.

        Se hai cambiato l’indirizzo ed eliminato l’account tu, non devi fare nulla. Questa è l’ultima email sull’account: cancelliamo il tuo indirizzo appena questa email è stata consegnata.
    .asked = Eliminato: { $at }.
    .not-you = Chi ha eliminato l’account conosceva la tua password o può leggere la tua posta. Racconta l’accaduto a chi gestisce { $product }; questa email e le precedenti dicono quando e da dove. Poi cambia la password della tua casella di posta, e quella dell’account ovunque la usi.

mail-account-deleted-by-admin =
    .subject = Il tuo account { $product } è stato eliminato
    .preheader = Eliminato con tutti i suoi dati: { $at }.
    .heading = Il tuo account è stato eliminato
    .body = L’amministrazione di { $product } ha eliminato il tuo account con tutti i suoi dati. Non può essere ripristinato, e i link delle email precedenti che lo riguardano non funzionano più. Questa è l’ultima email che lo riguarda: cancelliamo il tuo indirizzo appena questa email è stata consegnata.
    .asked = Eliminato dall’amministrazione: { $at }.
    .not-you-heading = Se non sai perché
    .not-you = Chiedi a chi gestisce { $product }.

mail-invitation =
    .subject = Hai ricevuto un invito a { $product }
    .preheader = Crea il tuo account. Scadenza: { $expires }. Se non ne vuoi uno, non devi fare nulla.
    .heading = Hai ricevuto un invito
    .body = L’amministrazione di { $product } ti invita a creare un account con questo indirizzo email. Scegli un nome e una password nella pagina aperta dal link.
    .button = Crea l’account
    .asked = Inviato dall’amministrazione: { $at }.
    .not-you-heading = Se non vuoi un account
    .not-you = Non devi fare nulla. Solo questo link permette di creare un account a tuo nome, e scade. Non inoltrarlo.

mail-reuse-detected =
    .subject = Una sessione del tuo account { $product } è stata chiusa
    .preheader = Qualcuno ha usato un token di accesso obsoleto di questa sessione. Sessione chiusa: { $at }.
    .heading = Una sessione è stata chiusa
    .body =
        Abbiamo chiuso una sessione del tuo account { $product }, perché qualcuno ha usato un token di accesso obsoleto di questa sessione, che il tuo dispositivo aveva già sostituito. O un’app ha un difetto, o qualcuno ha copiato il token.

        Accedi di nuovo su quel dispositivo. Le altre tue sessioni restano attive, e la tua password non è stata usata.
    .asked = Chiusa: { $at }.
    .ip = Il token è stato usato da questo indirizzo IP: { $ip }
    .not-you = Se non riconosci questo indirizzo IP, o se succede di nuovo, richiedi un link di reimpostazione e scegli una nuova password. Così esci da tutti i dispositivi.
    .after-button = Poi controlla che cosa può aver letto sul tuo dispositivo: un’estensione del browser, un computer condiviso, un programma di cui non ti fidi.
