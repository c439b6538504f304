mail-greeting = Hallo { $name },

mail-greeting-nameless = Hallo,

mail-by-hand = Werkt de knop niet? Open dan dit adres:

mail-other-device = Open op een ander apparaat deze pagina:

mail-code = Vul daar uw e-mailadres en deze code in:

mail-expiry = De link werkt één keer en verloopt { $within }: op { $expires }.

mail-asked = Aangevraagd op { $at }.

mail-ip = IP-adres: { $ip }

mail-ip-unknown = IP-adres: onbekend

mail-not-you-heading = Was u dit niet?

mail-footer = Acme Ltd, 1 Example Street, London. Antwoorden op deze e-mail worden niet gelezen.

mail-verification =
    .subject = Bevestig uw e-mailadres voor { $product }
    .preheader = Bevestig uw adres vóór { $expires } om uw account te voltooien.
    .heading = Bevestig uw e-mailadres
    .body = Welkom bij { $product }. Bevestig dat dit uw e-mailadres is om uw account te voltooien. De link opent een pagina; druk daar op de knop.
    .button = E-mailadres bevestigen
    .not-you = U hoeft niets te doen. Zonder deze bevestiging gebruiken wij uw adres niet, en de link verloopt.
