### Las páginas que abren los enlaces de los correos. El archivo inglés explica cada mensaje. Se trata al
### lector de tú.

## Partes comunes a varias páginas.

page-error-title = Error: { $title }

page-languages = Idioma

page-have-code = Tengo un código del correo

page-need-link = Necesito un enlace nuevo

page-address = Dirección de correo

page-address-hint = La dirección a la que hemos enviado el correo.

page-code = Código del correo

page-code-hint = Ocho letras, como WDJB-MJHT. También puedes pegar el enlace completo.

page-your-address = Tu dirección de correo

page-name = Tu nombre

page-name-hint = Otras personas pueden verlo. Puedes cambiarlo más adelante.

page-password = Contraseña nueva

page-password-hint = Al menos { $min } caracteres. Unas cuantas palabras sin relación entre sí son fáciles de recordar y difíciles de adivinar.

page-password-show = Mostrar la contraseña

page-password-missing =
    { $count ->
        [one] Falta { $count } carácter
       *[other] Faltan { $count } caracteres
    }

page-password-enough = Longitud suficiente

page-onward = Continuar a { $product }

## Lo que dice una página en lugar de su formulario.

page-dead-title = Este enlace ya no funciona

page-sent-title = Revisa tu correo

page-sent-hint = Si no te llega en unos minutos, mira en la carpeta de correo no deseado y comprueba que has escrito la dirección con la que te registraste.

page-throttled =
    .title = Espera un momento
    .lead = Ha habido demasiados intentos desde tu red. Vuelve a intentarlo { $within }.
    .hint = No ha cambiado nada, y tu enlace sigue funcionando. Vuelve atrás o abre otra vez el enlace del correo.

page-disputed =
    .title = Elige una contraseña nueva
    .why = Esta dirección se ha registrado más de una vez, con contraseñas distintas. Ninguna de ellas sirve, para que solo tú puedas usar la cuenta.
    .lead = Elige una contraseña nueva. Es el último paso para crear tu cuenta.

## Por qué ha fallado una solicitud.

page-problem =
    .title = No ha funcionado
    .unavailable = El servicio no está disponible en este momento. No ha cambiado nada, y tu enlace sigue funcionando. Vuelve a intentarlo dentro de un minuto.
    .throttled = Ha habido demasiados intentos. Vuelve a intentarlo { $within }.
    .other = No se ha podido completar la solicitud. No ha cambiado nada. Vuelve a intentarlo.

## Qué falla en un campo.

page-flaw-email =
    .required = Escribe una dirección de correo.
    .too-long = Esta dirección de correo es demasiado larga.
    .malformed = Esto no es una dirección de correo como ada@example.org.

page-flaw-code =
    .required = Escribe el código del correo.
    .malformed = Un código tiene ocho letras, como WDJB-MJHT, sin vocales ni cifras.
    .wrong-code = La dirección y el código no se corresponden, o el código ya se ha usado, ha caducado o se ha escrito mal cinco veces. Comprueba los dos, abre el enlace del correo más reciente o solicita un correo nuevo.

page-flaw-name =
    .required = Escribe un nombre.
    .too-long = Un nombre tiene como máximo { $max } caracteres.

page-flaw-password =
    .required = Escribe una contraseña.
    .too-short = Una contraseña tiene al menos { $min } caracteres.
    .too-long = Una contraseña tiene como máximo { $max } caracteres.
    .too-common = Esta contraseña está formada por contraseñas o palabras comunes. Usa cuatro o más palabras sin relación entre sí.
    .too-guessable = Esta contraseña está formada por tu nombre, tu dirección o un patrón repetido.

page-flaw =
    .forbidden-character =
        { $why ->
            [invisible] Contiene el carácter invisible { $character }. Escríbelo a mano.
            [look-alike] Contiene el carácter { $character }, que parece «{ $twin }» pero es otra letra. Escríbelo a mano.
           *[other] Contiene el carácter { $character }, que no se permite aquí.
        }
    .other = Esto no se puede aceptar. Compruébalo.

## Las páginas.

page-verify-email =
    .title = Confirma tu dirección de correo
    .lead = Confirma que esta dirección es tuya. Es el último paso para crear tu cuenta.
    .done = Tu dirección de correo está confirmada
    .done-lead = Tu cuenta está lista. Puedes cerrar esta página e iniciar sesión.
    .dead-lead = El enlace se ha usado o ha caducado. Si ya has confirmado tu dirección, puedes iniciar sesión. Si no, podemos enviarte un enlace nuevo.
    .ask-title = Recibe un enlace nuevo
    .ask-lead = Podemos enviar un enlace nuevo a la dirección que quieres confirmar.
    .ask-button = Enviar un enlace nuevo
    .sent = Si esa dirección está pendiente de confirmar, le hemos enviado un enlace nuevo.

page-reset-password =
    .title = Restablece tu contraseña
    .lead = Elige una contraseña nueva. Se cerrará tu sesión en todos tus dispositivos.
    .done = Tu contraseña nueva está guardada
    .done-lead = Se ha cerrado tu sesión en todos tus dispositivos. Ya puedes iniciar sesión con la contraseña nueva.
    .dead-lead = El enlace se ha usado o ha caducado. Podemos enviarte uno nuevo.
    .ask-title = Recibe un enlace de restablecimiento
    .ask-lead = Podemos enviar un enlace a tu dirección de correo. Úsalo para elegir una contraseña nueva.
    .sent = Si esa dirección tiene una cuenta, le hemos enviado un enlace de restablecimiento.

page-confirm-email =
    .title = Confirma tu nueva dirección de correo
    .lead = Confirma que quieres usar esta dirección en tu cuenta. Se cerrará tu sesión en todos tus demás dispositivos.
    .done = Tu nueva dirección de correo está confirmada
    .done-lead = A partir de ahora, inicia sesión con tu dirección nueva. Puedes cerrar esta página.
    .dead-lead = El enlace se ha usado o ha caducado, o has solicitado uno más reciente. Si ya has confirmado la dirección, no tienes que hacer nada más. Si no, inicia sesión y cambia tu dirección otra vez. Te enviaremos un enlace nuevo.

page-undo-email =
    .title = Conserva tu dirección de correo
    .lead = Si no has pedido cambiar tu dirección, deshaz el cambio. Tu cuenta conserva esta dirección, se cierra la sesión en todos los dispositivos y la contraseña actual deja de servir.
    .done = El cambio se ha deshecho
    .done-lead = Se ha cerrado la sesión en todos los dispositivos. Te hemos enviado un correo con un enlace para elegir una contraseña nueva. Usa una que no uses en ningún otro sitio.
    .dead-lead = El enlace se ha usado o ha caducado, o la cuenta se ha eliminado. Si ya lo has usado, busca en tu correo un enlace para elegir una contraseña nueva. Si alguien se ha apoderado de tu cuenta, ponte en contacto con el servicio de asistencia.

page-accept-invitation =
    .title = Crea tu cuenta
    .show-button = Mostrar quién te invita
    .by = Te invita
    .role = Función
    .role-user = Usuario: gestiona su propia cuenta
    .role-admin = Administrador: gestiona todas las cuentas
    .lead = Tienes una invitación para crear una cuenta. Escribe tu nombre y elige una contraseña.
    .done = Tu cuenta está lista
    .done-lead = Puedes cerrar esta página e iniciar sesión con tu dirección de correo y tu contraseña nueva.
    .dead-lead = La invitación se ha usado, ha caducado, se ha sustituido o se ha retirado. Mira en tu correo si tienes una más reciente. Si ya has creado tu cuenta, puedes iniciar sesión. Si no, pide una invitación nueva.

## Páginas para navegadores sin enlace.

page-start =
    .title = Cuentas
    .lead = Este servidor gestiona las cuentas de { $product }. Los enlaces de los correos abren sus páginas.

page-not-found =
    .title = Esta página no existe
    .lead = La dirección es incorrecta o está incompleta. Si has seguido un enlace de un correo, vuelve a abrir el correo y copia el enlace completo.
