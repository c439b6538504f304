### Strony, które otwierają linki z e-maili. Plik angielski objaśnia każdy komunikat. Zwracamy się do
### czytelnika w drugiej osobie, bez form zależnych od płci.

## Części wspólne kilku stron.

page-error-title = Błąd: { $title }

page-languages = Język

page-have-code = Mam kod z e-maila

page-need-link = Potrzebuję nowego linku

page-address = Adres e-mail

page-address-hint = Adres, na który wysłaliśmy e-mail.

page-code = Kod z e-maila

page-code-hint = Osiem liter, na przykład WDJB-MJHT. Możesz też wkleić cały link.

page-your-address = Twój adres e-mail

page-name = Twoja nazwa

page-name-hint = Inne osoby mogą ją zobaczyć. Możesz ją później zmienić.

page-password = Nowe hasło

page-password-hint =
    { $min ->
        [one] Co najmniej { $min } znak. Kilka niezwiązanych ze sobą słów łatwo zapamiętać i trudno odgadnąć.
        [few] Co najmniej { $min } znaki. Kilka niezwiązanych ze sobą słów łatwo zapamiętać i trudno odgadnąć.
        [many] Co najmniej { $min } znaków. Kilka niezwiązanych ze sobą słów łatwo zapamiętać i trudno odgadnąć.
       *[other] Co najmniej { $min } znaku. Kilka niezwiązanych ze sobą słów łatwo zapamiętać i trudno odgadnąć.
    }

page-password-show = Pokaż hasło

page-password-missing =
    { $count ->
        [one] Brakuje jeszcze { $count } znaku
        [few] Brakuje jeszcze { $count } znaków
        [many] Brakuje jeszcze { $count } znaków
       *[other] Brakuje jeszcze { $count } znaku
    }

page-password-enough = Wystarczająco długie

page-onward = Przejdź do { $product }

## Co strona mówi zamiast formularza.

page-dead-title = Ten link już nie działa

page-sent-title = Sprawdź swoją pocztę

page-sent-hint = Jeśli e-mail nie nadejdzie w ciągu kilku minut, zajrzyj do folderu ze spamem i sprawdź, czy podany adres jest tym, na który założono konto.

page-throttled =
    .title = Poczekaj chwilę
    .lead = Z Twojej sieci było zbyt wiele prób. Spróbuj ponownie { $within }.
    .hint = Nic się nie zmieniło, a Twój link nadal działa. Wróć do poprzedniej strony lub ponownie otwórz link z e-maila.

page-disputed =
    .title = Ustaw nowe hasło
    .why = Ten adres zarejestrowano kilka razy, z różnymi hasłami. Żadne z nich nie działa, aby nikt poza Tobą nie mógł korzystać z konta.
    .lead = Ustaw nowe hasło. To ostatni krok zakładania konta.

## Dlaczego żądanie się nie powiodło.

page-problem =
    .title = Nie udało się
    .unavailable = Usługa jest chwilowo niedostępna. Nic się nie zmieniło, a Twój link nadal działa. Spróbuj ponownie za minutę.
    .throttled = Było zbyt wiele prób. Spróbuj ponownie { $within }.
    .other = Nie udało się wykonać tego żądania. Nic się nie zmieniło. Spróbuj ponownie.

## Co jest nie tak z polem.

page-flaw-email =
    .required = Wpisz adres e-mail.
    .too-long = Ten adres e-mail jest za długi.
    .malformed = To nie jest adres e-mail taki jak ada@example.org.

page-flaw-code =
    .required = Wpisz kod z e-maila.
    .malformed = Kod ma osiem liter, na przykład WDJB-MJHT, bez samogłosek i cyfr.
    .wrong-code = Ten adres i ten kod nie pasują do siebie albo kod został już użyty, wygasł lub pięć razy wpisano go błędnie. Sprawdź jedno i drugie, otwórz link z najnowszego e-maila albo poproś o nowy e-mail.

page-flaw-name =
    .required = Wpisz nazwę.
    .too-long = Nazwa może mieć najwyżej { $max } znaków.

page-flaw-password =
    .required = Wpisz hasło.
    .too-short =
        { $min ->
            [one] Hasło musi mieć co najmniej { $min } znak.
            [few] Hasło musi mieć co najmniej { $min } znaki.
            [many] Hasło musi mieć co najmniej { $min } znaków.
           *[other] Hasło musi mieć co najmniej { $min } znaku.
        }
    .too-long = Hasło może mieć najwyżej { $max } znaków.
    .too-common = To hasło składa się z popularnych haseł lub słów. Użyj czterech lub więcej niezwiązanych ze sobą słów.
    .too-guessable = To hasło składa się z Twojej nazwy, Twojego adresu lub powtarzającego się wzoru.

page-flaw =
    .forbidden-character =
        { $why ->
            [invisible] Tekst zawiera niewidoczny znak { $character }. Wpisz go ręcznie.
            [look-alike] Tekst zawiera znak { $character }, który wygląda jak „{ $twin }”, ale jest inną literą. Wpisz go ręcznie.
           *[other] Tekst zawiera znak { $character }, który nie jest tu dozwolony.
        }
    .other = Tej wartości nie można przyjąć. Sprawdź ją.

## Strony.

page-verify-email =
    .title = Potwierdź swój adres e-mail
    .lead = Potwierdź, że ten adres należy do Ciebie. To ostatni krok zakładania konta.
    .done = Twój adres e-mail jest potwierdzony
    .done-lead = Twoje konto jest gotowe. Możesz zamknąć tę stronę i się zalogować.
    .dead-lead = Link został już użyty lub wygasł. Jeśli Twój adres jest już potwierdzony, możesz się zalogować. W przeciwnym razie możemy wysłać Ci nowy link.
    .ask-title = Nowy link
    .ask-lead = Możemy wysłać nowy link na adres, który chcesz potwierdzić.
    .ask-button = Wyślij nowy link
    .sent = Jeśli ten adres czeka na potwierdzenie, wysłaliśmy na niego nowy link.

page-reset-password =
    .title = Ustaw nowe hasło
    .lead = Ustaw nowe hasło. Nastąpi wylogowanie na wszystkich Twoich urządzeniach.
    .done = Twoje nowe hasło jest ustawione
    .done-lead = Twoje sesje na wszystkich urządzeniach zostały zakończone. Możesz się teraz zalogować nowym hasłem.
    .dead-lead = Link został już użyty lub wygasł. Możemy wysłać Ci nowy.
    .ask-title = Link do zmiany hasła
    .ask-lead = Możemy wysłać link na Twój adres e-mail. Użyj go, aby ustawić nowe hasło.
    .sent = Jeśli ten adres ma konto, wysłaliśmy na niego link do zmiany hasła.

page-confirm-email =
    .title = Potwierdź swój nowy adres e-mail
    .lead = Potwierdź, że chcesz używać tego adresu na swoim koncie. Nastąpi wylogowanie na wszystkich innych Twoich urządzeniach.
    .done = Twój nowy adres e-mail jest potwierdzony
    .done-lead = Od teraz loguj się nowym adresem. Możesz zamknąć tę stronę.
    .dead-lead = Link został już użyty lub wygasł albo wysłano już nowszy. Jeśli adres jest już potwierdzony, nie musisz nic robić. W przeciwnym razie zaloguj się i zmień adres jeszcze raz. Wyślemy Ci nowy link.

page-undo-email =
    .title = Zachowaj swój adres e-mail
    .lead = Jeśli to nie Ty chcesz zmienić adres, cofnij zmianę. Twoje konto zachowa ten adres, wszystkie urządzenia zostaną wylogowane, a obecne hasło przestanie działać.
    .done = Zmiana została cofnięta
    .done-lead = Wszystkie urządzenia zostały wylogowane. Wysłaliśmy Ci e-mail z linkiem do ustawienia nowego hasła. Wybierz takie, którego nie używasz nigdzie indziej.
    .dead-lead = Link został już użyty lub wygasł albo konto zostało usunięte. Jeśli link został już użyty, poszukaj w swojej poczcie linku do ustawienia nowego hasła. Jeśli ktoś przejął Twoje konto, skontaktuj się z pomocą.

page-accept-invitation =
    .title = Załóż konto
    .show-button = Pokaż, kto zaprasza
    .by = Zaprasza
    .role = Rola
    .role-user = Użytkownik: zarządza własnym kontem
    .role-admin = Administrator: zarządza wszystkimi kontami
    .lead = Masz zaproszenie do założenia konta. Wpisz swoją nazwę i wybierz hasło.
    .done = Twoje konto jest gotowe
    .done-lead = Możesz zamknąć tę stronę i zalogować się swoim adresem e-mail i nowym hasłem.
    .dead-lead = Zaproszenie zostało już użyte, wygasło albo zostało zastąpione lub wycofane. Poszukaj w swojej poczcie nowszego zaproszenia. Jeśli konto jest już założone, możesz się zalogować. W przeciwnym razie poproś o nowe zaproszenie.

## Strony dla przeglądarek bez linku.

page-start =
    .title = Konta
    .lead = Ten serwer zarządza kontami { $product }. Linki w e-mailach otwierają jego strony.

page-not-found =
    .title = Ta strona nie istnieje
    .lead = Adres jest błędny lub niepełny. Jeśli prowadził do niego link z e-maila, otwórz e-mail jeszcze raz i skopiuj cały link.
