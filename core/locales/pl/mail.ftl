### E-maile. Plik angielski objaśnia każdy komunikat. Zwracamy się do czytelnika w drugiej osobie, bez form
### zależnych od płci.

## Części wspólne kilku e-maili.

mail-greeting = Dzień dobry, { $name }!

mail-greeting-nameless = Dzień dobry!

mail-by-hand = Jeśli przycisk nie działa, otwórz ten adres:

mail-other-device = Na innym urządzeniu otwórz tę stronę:

mail-code = Wpisz na niej swój adres e-mail i ten kod:

mail-expiry = Link działa tylko raz i wygasa { $within }: { $expires }.

mail-asked = Data żądania: { $at }.

mail-ip = Adres IP: { $ip }

mail-ip-unknown = Adres IP: nieznany

mail-not-you-heading = Jeśli to nie Ty

mail-reset-button = Wyślij link do zmiany hasła

mail-support = Potrzebujesz pomocy? Napisz na adres:

mail-footer = Ten e-mail został wysłany automatycznie. Nikt nie czyta odpowiedzi na niego.

## E-maile.

mail-verification =
    .subject = Potwierdź swój adres e-mail w { $product }
    .preheader = Potwierdź swój adres, aby dokończyć zakładanie konta. Termin: { $expires }.
    .heading = Potwierdź swój adres e-mail
    .body = Witamy w { $product }. Aby dokończyć zakładanie konta, potwierdź, że to Twój adres e-mail. Link otwiera stronę; naciśnij na niej przycisk, aby potwierdzić.
    .button = Potwierdź adres e-mail
    .not-you = Nie musisz nic robić. Bez tego potwierdzenia nie używamy Twojego adresu, a link wygaśnie.

mail-already-registered =
    .subject = Masz już konto w { $product }
    .preheader = Nic się nie zmieniło. Zaloguj się jak zwykle lub ustaw nowe hasło.
    .heading = Masz już konto
    .body =
        Otrzymaliśmy prośbę o założenie konta w { $product } z tym adresem e-mail. Masz już konto, więc nic się nie zmieniło. Zaloguj się jak zwykle.

        Jeśli nie pamiętasz hasła, poproś o link, aby ustawić nowe.
    .not-you = Nie musisz nic robić. Twoje konto i hasło się nie zmieniły, a my nie ujawniliśmy, że ten adres ma konto.

mail-password-reset =
    .subject = Ustaw nowe hasło w { $product }
    .preheader = Ustaw nowe hasło. Termin: { $expires }. Jeśli to nie była Twoja prośba, nie musisz nic robić.
    .heading = Ustaw nowe hasło
    .body = Otrzymaliśmy prośbę o zmianę hasła do Twojego konta w { $product }. Ustawienie nowego hasła wyloguje Cię na wszystkich urządzeniach.
    .button = Ustaw nowe hasło
    .not-you = Nie musisz nic robić. Twoje hasło pozostanie bez zmian, a link wygaśnie. Tylko ten e-mail zawiera link, więc nie przesyłaj go dalej.

mail-password-reset-forced =
    .subject = Wymagane nowe hasło w { $product }
    .preheader = Twoje dotychczasowe hasło już nie działa. Ustaw nowe. Termin: { $expires }.
    .heading = Wymagane nowe hasło
    .body =
        Administracja { $product } wymaga, aby to konto miało nowe hasło. Twoje dotychczasowe hasło już nie działa, a Twoje sesje na wszystkich urządzeniach zostały zakończone.

        Jeśli link wygasł, strona, którą otwiera, wyśle Ci nowy.
    .button = Ustaw nowe hasło
    .asked = Data żądania administracji: { $at }.
    .not-you-heading = Jeśli nie masz pewności, czy ten e-mail jest prawdziwy
    .not-you = Nie używaj linku. Wpisz adres { $product } w przeglądarce i tam poproś o nowe hasło. Tylko ten e-mail zawiera link, więc nie przesyłaj go dalej.

mail-password-changed =
    .subject = Twoje hasło w { $product } zostało zmienione
    .preheader = Data zmiany: { $at }. Jeśli to Ty, nie musisz nic robić.
    .heading = Twoje hasło zostało zmienione
    .body =
        Hasło do Twojego konta w { $product } zostało zmienione. Stare hasło już nie działa, a wszystkie Twoje pozostałe sesje zostały zakończone: zaloguj się ponownie na innych urządzeniach, używając nowego hasła.

        Jeśli to Ty, nie musisz nic robić.
    .asked = Data zmiany: { $at }.
    .not-you = Poproś teraz o link do zmiany hasła i ustaw nowe. To wyloguje także osobę, która je zmieniła.
    .after-button = Następnie zmień też hasło do swojej skrzynki pocztowej: osoba, która może czytać Twoje e-maile, może zmieniać Twoje hasła. Poinformuj zespół { $product } o tym, co się stało.

mail-email-change-confirmation =
    .subject = Potwierdź swój nowy adres e-mail w { $product }
    .preheader = Potwierdź, aby używać tego adresu na swoim koncie. Termin: { $expires }.
    .heading = Potwierdź swój nowy adres e-mail
    .body =
        Otrzymaliśmy prośbę o przypisanie tego adresu e-mail do konta w { $product }. Potwierdź, że należy do Ciebie. Link otwiera stronę; naciśnij na niej przycisk, aby zmienić adres konta.

        Po potwierdzeniu będziesz się logować tym adresem i tutaj otrzymywać e-maile od { $product }.
    .button = Potwierdź adres e-mail
    .not-you = Nie musisz nic robić. Bez tego potwierdzenia Twój adres nie będzie używany na żadnym koncie, a link wygaśnie.

mail-email-change-notice =
    .subject = Twój adres e-mail w { $product } ma zostać zmieniony
    .preheader = Otrzymaliśmy prośbę o użycie innego adresu na Twoim koncie. Jeśli to Ty, nie musisz nic robić.
    .heading = Twój adres e-mail ma zostać zmieniony
    .body =
        Otrzymaliśmy prośbę o użycie innego adresu e-mail na Twoim koncie w { $product }. Nic się jeszcze nie zmieniło: adres zmieni się, gdy zostanie potwierdzony linkiem, który tam wysłaliśmy.

        Jeśli to Ty, nie musisz nic robić.
    .not-you = Prosił o to ktoś, kto zna Twoje hasło. Cofnij zmianę: link otwiera stronę, a przycisk na niej wylogowuje wszystkie urządzenia i unieważnia Twoje hasło. Następnie wyślemy na ten adres link do ustawienia nowego hasła. Link działa także po zmianie.
    .button = Cofnij zmianę
    .after-button = Jeśli Twoja skrzynka pocztowa ma to samo hasło, zmień je także tam.

mail-email-changed =
    .subject = Twój adres e-mail w { $product } został zmieniony
    .preheader = Data zmiany: { $at }. Jeśli to Ty, nie musisz nic robić.
    .heading = Twój adres e-mail został zmieniony
    .body =
        Twoje konto w { $product } ma teraz inny adres e-mail. Loguj się nowym adresem; ten adres już nie należy do konta. Na innych urządzeniach trzeba zalogować się ponownie.

        Jeśli to Ty, nie musisz nic robić.
    .asked = Data zmiany: { $at }.
    .not-you = Cofnij zmianę: link otwiera stronę, a przycisk na niej przywraca Twojemu kontu ten adres, wylogowuje wszystkie urządzenia i unieważnia hasło. Następnie wyślemy na ten adres link do ustawienia nowego hasła.
    .button = Cofnij zmianę
    .after-button = Poinformuj zespół { $product } o tym, co się stało.

mail-account-deleted =
    .subject = Twoje konto w { $product } zostało usunięte
    .preheader = Usunięte ze wszystkimi danymi: { $at }.
    .heading = Twoje konto zostało usunięte
    .body =
        Twoje konto w { $product } zostało usunięte ze wszystkimi danymi. Nie można go przywrócić. To ostatni e-mail w tej sprawie: usuniemy Twój adres, gdy tylko ten e-mail zostanie dostarczony.

        W każdej chwili możesz założyć nowe konto.
    .asked = Data usunięcia: { $at }.
    .not-you = Osoba, która usunęła konto, znała Twoje hasło. Zmień je wszędzie tam, gdzie go jeszcze używasz, i poinformuj zespół { $product } o tym, co się stało.

mail-former-account-deleted =
    .subject = Konto w { $product }, które miało ten adres, zostało usunięte
    .preheader = Usunięte po zmianie adresu: { $at }. Jeśli to Ty, nie musisz nic robić.
    .heading = Konto, które miało ten adres, zostało usunięte
    .body =
        Konto w { $product }, które miało wcześniej ten adres e-mail, zostało usunięte ze wszystkimi danymi. Nie można go przywrócić, a link z naszego poprzedniego e-maila, którym można było cofnąć zmianę adresu, już nie działa.

        Jeśli zmiana adresu i usunięcie konta to Twoje działania, nie musisz nic robić. To ostatni e-mail dotyczący tego konta: usuniemy Twój adres, gdy tylko ten e-mail zostanie dostarczony.
    .asked = Data usunięcia: { $at }.
    .not-you = Osoba, która usunęła konto, znała Twoje hasło lub może czytać Twoje e-maile. Poinformuj zespół { $product } o tym, co się stało; ten e-mail i poprzednie mówią, kiedy i skąd. Następnie zmień hasło do swojej skrzynki pocztowej, a hasło do konta wszędzie tam, gdzie go jeszcze używasz.

mail-account-deleted-by-admin =
    .subject = Twoje konto w { $product } zostało usunięte
    .preheader = Usunięte ze wszystkimi danymi: { $at }.
    .heading = Twoje konto zostało usunięte
    .body = Administracja { $product } usunęła Twoje konto ze wszystkimi danymi. Nie można go przywrócić, a linki z wcześniejszych e-maili w jego sprawie już nie działają. To ostatni e-mail w tej sprawie: usuniemy Twój adres, gdy tylko ten e-mail zostanie dostarczony.
    .asked = Data usunięcia przez administrację: { $at }.
    .not-you-heading = Jeśli nie wiesz dlaczego
    .not-you = Zapytaj zespół { $product }.

mail-invitation =
    .subject = Zaproszenie do { $product }
    .preheader = Załóż konto. Termin: { $expires }. Jeśli nie chcesz konta, nie musisz nic robić.
    .heading = Masz zaproszenie
    .body = Administracja { $product } zaprasza Cię do założenia konta z tym adresem e-mail. Na stronie, którą otwiera link, wybierz nazwę i hasło.
    .button = Załóż konto
    .asked = Data wysłania przez administrację: { $at }.
    .not-you-heading = Jeśli nie chcesz konta
    .not-you = Nie musisz nic robić. Tylko ten link pozwala założyć konto w Twoim imieniu, i wygaśnie. Nie przesyłaj go dalej.

mail-reuse-detected =
    .subject = Sesja Twojego konta w { $product } została zakończona
    .preheader = Ktoś użył nieaktualnego tokenu logowania tej sesji. Data zakończenia: { $at }.
    .heading = Sesja została zakończona
    .body =
        Zakończyliśmy sesję Twojego konta w { $product }, ponieważ ktoś użył nieaktualnego tokenu logowania tej sesji, gdy Twoje urządzenie miało już nowy. Albo aplikacja ma błąd, albo ktoś skopiował token.

        Zaloguj się ponownie na tym urządzeniu. Twoje pozostałe sesje są nadal aktywne, a Twoje hasło nie zostało użyte.
    .asked = Data zakończenia: { $at }.
    .ip = Tokenu użyto z tego adresu IP: { $ip }
    .not-you = Jeśli nie rozpoznajesz tego adresu IP lub jeśli to się powtórzy, poproś o link do zmiany hasła i ustaw nowe. To wyloguje wszystkie urządzenia.
    .after-button = Następnie sprawdź, co mogło odczytać dane z Twojego urządzenia: rozszerzenie przeglądarki, wspólny komputer, program, któremu nie ufasz.
