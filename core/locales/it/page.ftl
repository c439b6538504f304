### Le pagine che i link delle email aprono. Il file inglese spiega ogni messaggio. Al lettore si dà del tu.

## Parti comuni a più pagine.

page-error-title = Errore: { $title }

page-languages = Lingua

page-have-code = Ho un codice ricevuto via email

page-need-link = Mi serve un nuovo link

page-address = Indirizzo email

page-address-hint = L’indirizzo a cui abbiamo inviato l’email.

page-code = Codice ricevuto via email

page-code-hint = Otto lettere, come WDJB-MJHT. Puoi anche incollare l’intero link.

page-your-address = Il tuo indirizzo email

page-name = Il tuo nome

page-name-hint = Altre persone possono vederlo. Puoi cambiarlo in seguito.

page-password = Nuova password

page-password-hint = Almeno { $min } caratteri. Alcune parole senza legami tra loro sono facili da ricordare e difficili da indovinare.

page-password-show = Mostra la password

page-password-missing =
    { $count ->
        [one] Manca { $count } carattere
       *[other] Mancano { $count } caratteri
    }

page-password-enough = Abbastanza lunga

page-onward = Continua su { $product }

## Che cosa dice una pagina al posto del modulo.

page-dead-title = Questo link non funziona più

page-sent-title = Controlla la tua posta

page-sent-hint = Se non ricevi nulla entro qualche minuto, guarda nella cartella dello spam e verifica di aver inserito l’indirizzo usato per la registrazione.

page-throttled =
    .title = Attendi un momento
    .lead = Ci sono stati troppi tentativi dalla tua rete. Riprova { $within }.
    .hint = Non è cambiato nulla, e il tuo link funziona ancora. Torna indietro o apri di nuovo il link nell’email.

page-disputed =
    .title = Scegli una nuova password
    .why = Questo indirizzo è stato registrato più volte, con password diverse. Nessuna di esse è valida, così solo tu puoi usare l’account.
    .lead = Scegli una nuova password. È l’ultimo passo per completare la creazione dell’account.

## Perché una richiesta non è riuscita.

page-problem =
    .title = Non ha funzionato
    .unavailable = Il servizio non è disponibile in questo momento. Non è cambiato nulla, e il tuo link funziona ancora. Riprova tra un minuto.
    .throttled = Ci sono stati troppi tentativi. Riprova { $within }.
    .other = Non è stato possibile eseguire la richiesta. Non è cambiato nulla. Riprova.

## Che cosa non va in un campo.

page-flaw-email =
    .required = Inserisci un indirizzo email.
    .too-long = Questo indirizzo email è troppo lungo.
    .malformed = Questo non è un indirizzo email come ada@example.org.

page-flaw-code =
    .required = Inserisci il codice ricevuto via email.
    .malformed = Un codice ha otto lettere, come WDJB-MJHT, senza vocali né cifre.
    .wrong-code = L’indirizzo e il codice non corrispondono, oppure il codice è già stato usato, è scaduto o è stato inserito in modo errato cinque volte. Controllali entrambi, apri invece il link nell’email più recente o richiedi una nuova email.

page-flaw-name =
    .required = Inserisci un nome.
    .too-long = Un nome ha al massimo { $max } caratteri.

page-flaw-password =
    .required = Inserisci una password.
    .too-short = Una password ha almeno { $min } caratteri.
    .too-long = Una password ha al massimo { $max } caratteri.
    .too-common = Questa password è formata da password o parole comuni. Usa quattro o più parole senza legami tra loro.
    .too-guessable = Questa password è formata dal tuo nome, dal tuo indirizzo o da uno schema ripetuto.

page-flaw =
    .forbidden-character =
        { $why ->
            [invisible] Il testo contiene il carattere invisibile { $character }. Scrivilo a mano.
            [look-alike] Il testo contiene il carattere { $character }, che sembra «{ $twin }» ma è un’altra lettera. Scrivilo a mano.
           *[other] Il testo contiene il carattere { $character }, che qui non è consentito.
        }
    .other = Questo valore non può essere accettato. Controllalo.

## Le pagine.

page-verify-email =
    .title = Conferma il tuo indirizzo email
    .lead = Conferma che questo indirizzo è tuo. È l’ultimo passo per completare la creazione dell’account.
    .done = Il tuo indirizzo email è confermato
    .done-lead = Il tuo account è pronto. Puoi chiudere questa pagina e accedere.
    .dead-lead = Il link è già stato usato o è scaduto. Se hai già confermato il tuo indirizzo, puoi accedere. Altrimenti possiamo inviarti un nuovo link.
    .ask-title = Ricevi un nuovo link
    .ask-lead = Possiamo inviare un nuovo link all’indirizzo che vuoi confermare.
    .ask-button = Invia un nuovo link
    .sent = Se quell’indirizzo è in attesa di conferma, gli abbiamo inviato un nuovo link.

page-reset-password =
    .title = Reimposta la tua password
    .lead = Scegli una nuova password. Uscirai da tutti i tuoi dispositivi.
    .done = La tua nuova password è impostata
    .done-lead = Le tue sessioni sono state chiuse su tutti i dispositivi. Ora puoi accedere con la nuova password.
    .dead-lead = Il link è già stato usato o è scaduto. Possiamo inviartene uno nuovo.
    .ask-title = Ricevi un link di reimpostazione
    .ask-lead = Possiamo inviare un link al tuo indirizzo email. Usalo per scegliere una nuova password.
    .sent = Se quell’indirizzo ha un account, gli abbiamo inviato un link di reimpostazione.

page-confirm-email =
    .title = Conferma il tuo nuovo indirizzo email
    .lead = Conferma che vuoi usare questo indirizzo per il tuo account. Uscirai da tutti gli altri dispositivi.
    .done = Il tuo nuovo indirizzo email è confermato
    .done-lead = D’ora in poi accedi con il nuovo indirizzo. Puoi chiudere questa pagina.
    .dead-lead = Il link è già stato usato o è scaduto, oppure ne hai richiesto uno più recente. Se hai già confermato l’indirizzo, non devi fare altro. Altrimenti accedi e cambia di nuovo l’indirizzo. Ti invieremo un nuovo link.

page-undo-email =
    .title = Mantieni il tuo indirizzo email
    .lead = Se non hai chiesto di cambiare indirizzo, annulla il cambio. Il tuo account mantiene questo indirizzo, tutti i dispositivi vengono disconnessi e la password attuale non è più valida.
    .done = Il cambio è annullato
    .done-lead = Tutti i dispositivi sono stati disconnessi. Ti abbiamo inviato un’email con un link per scegliere una nuova password. Scegline una che non usi da nessun’altra parte.
    .dead-lead = Il link è già stato usato o è scaduto, oppure l’account è stato eliminato. Se lo hai già usato, cerca nella tua posta un link per scegliere una nuova password. Se qualcuno si è impossessato del tuo account, contatta l’assistenza.

page-accept-invitation =
    .title = Crea il tuo account
    .show-button = Mostra chi ti invita
    .by = Invito di
    .role = Ruolo
    .role-user = Utente: gestisce il proprio account
    .role-admin = Amministratore: gestisce tutti gli account
    .lead = Hai ricevuto un invito a creare un account. Inserisci il tuo nome e scegli una password.
    .done = Il tuo account è pronto
    .done-lead = Puoi chiudere questa pagina e accedere con il tuo indirizzo email e la nuova password.
    .dead-lead = L’invito è già stato usato, è scaduto, oppure è stato sostituito o ritirato. Cerca un invito più recente nella tua posta. Se hai già creato il tuo account, puoi accedere. Altrimenti chiedi un nuovo invito.

## Pagine per browser senza link.

page-start =
    .title = Account
    .lead = Questo server gestisce gli account di { $product }. I link nelle email aprono le sue pagine.

page-not-found =
    .title = Questa pagina non esiste
    .lead = L’indirizzo è sbagliato o incompleto. Se hai seguito un link in un’email, apri di nuovo l’email e copia l’intero link.
