### Los correos. El archivo inglés explica cada mensaje. Se trata al lector de tú.

## Partes comunes a varios correos.

mail-greeting = Hola, { $name }:

mail-greeting-nameless = Hola:

mail-by-hand = Si el botón no funciona, abre esta dirección:

mail-other-device = En otro dispositivo, abre esta página:

mail-code = Introduce en ella tu dirección de correo y este código:

mail-expiry = El enlace funciona una sola vez y caduca { $within }: { $expires }.

mail-asked = Solicitado el { $at }.

mail-ip = Dirección IP: { $ip }

mail-ip-unknown = Dirección IP: desconocida

mail-not-you-heading = Si no has sido tú

mail-reset-button = Recibir un enlace de restablecimiento

mail-support = ¿Necesitas ayuda? Escribe a:

mail-footer = Este correo se ha enviado automáticamente. Las respuestas no se leen.

## Los correos.

mail-verification =
    .subject = Confirma tu dirección de correo para { $product }
    .preheader = Confirma tu dirección para terminar de crear tu cuenta. Plazo: { $expires }.
    .heading = Confirma tu dirección de correo
    .body = Te damos la bienvenida a { $product }. Para terminar de crear tu cuenta, confirma que esta es tu dirección de correo. El enlace abre una página; pulsa el botón que hay en ella para confirmarla.
    .button = Confirmar la dirección
    .not-you = No tienes que hacer nada. Sin esta confirmación no usamos tu dirección, y el enlace caduca.

mail-already-registered =
    .subject = Ya tienes una cuenta de { $product }
    .preheader = No ha cambiado nada. Inicia sesión como siempre o elige una contraseña nueva.
    .heading = Ya tienes una cuenta
    .body =
        Hemos recibido una solicitud para crear una cuenta de { $product } con esta dirección de correo. Ya tienes una cuenta, así que no ha cambiado nada. Inicia sesión como siempre.

        Si has olvidado tu contraseña, solicita un enlace para elegir una nueva.
    .not-you = No tienes que hacer nada. Tu cuenta y tu contraseña no han cambiado, y no hemos revelado que esta dirección tiene una cuenta.

mail-password-reset =
    .subject = Restablece tu contraseña de { $product }
    .preheader = Elige una contraseña nueva. Plazo: { $expires }. Si no lo has solicitado, no tienes que hacer nada.
    .heading = Restablece tu contraseña
    .body = Hemos recibido una solicitud para restablecer la contraseña de tu cuenta de { $product }. Al elegir una contraseña nueva, se cierra tu sesión en todos los dispositivos.
    .button = Elegir una contraseña nueva
    .not-you = No tienes que hacer nada. Tu contraseña sigue siendo la misma, y el enlace caduca. Solo este correo contiene el enlace, así que no lo reenvíes.

mail-password-reset-forced =
    .subject = Elige una contraseña nueva para { $product }
    .preheader = Tu contraseña anterior ya no sirve. Elige una nueva. Plazo: { $expires }.
    .heading = Elige una contraseña nueva
    .body =
        La administración de { $product } te pide que elijas una contraseña nueva. Tu contraseña anterior ya no sirve, y tu sesión se ha cerrado en todos los dispositivos.

        Si el enlace ha caducado, la página que abre te envía uno nuevo.
    .button = Elegir una contraseña nueva
    .asked = Solicitado por la administración el { $at }.
    .not-you-heading = Si no sabes si este correo es auténtico
    .not-you = No uses el enlace. Escribe la dirección de { $product } en tu navegador y solicita allí una contraseña nueva. Solo este correo contiene el enlace, así que no lo reenvíes.

mail-password-changed =
    .subject = Tu contraseña de { $product } ha cambiado
    .preheader = Cambiada el { $at }. Si has sido tú, no tienes que hacer nada.
    .heading = Tu contraseña ha cambiado
    .body =
        Se ha cambiado la contraseña de tu cuenta de { $product }. La contraseña anterior ya no sirve, y todas tus demás sesiones se han cerrado: vuelve a iniciar sesión en tus otros dispositivos con la contraseña nueva.

        Si has sido tú, no tienes que hacer nada.
    .asked = Cambiada el { $at }.
    .not-you = Solicita un enlace de restablecimiento y elige ahora una contraseña nueva. Así también se cierra la sesión de quien la cambió.
    .after-button = Después, cambia también la contraseña de tu buzón: quien puede leer tu correo puede restablecer tus contraseñas. Cuenta lo ocurrido a los responsables de { $product }.

mail-email-change-confirmation =
    .subject = Confirma tu nueva dirección de correo para { $product }
    .preheader = Confirma para usar esta dirección en tu cuenta. Plazo: { $expires }.
    .heading = Confirma tu nueva dirección de correo
    .body =
        Hemos recibido una solicitud para usar esta dirección de correo en una cuenta de { $product }. Confirma que es tuya. El enlace abre una página; pulsa el botón que hay en ella para cambiar la dirección de la cuenta.

        Después de confirmarla, inicias sesión con esta dirección y recibes aquí los correos de { $product }.
    .button = Confirmar la dirección
    .not-you = No tienes que hacer nada. Sin esta confirmación, tu dirección no se usa en ninguna cuenta, y el enlace caduca.

mail-email-change-notice =
    .subject = Tu dirección de correo de { $product } va a cambiar
    .preheader = Hemos recibido una solicitud para usar otra dirección en tu cuenta. Si has sido tú, no tienes que hacer nada.
    .heading = Tu dirección de correo va a cambiar
    .body =
        Hemos recibido una solicitud para usar otra dirección de correo en tu cuenta de { $product }. Todavía no ha cambiado nada: la dirección cambia cuando se confirma con un enlace que hemos enviado allí.

        Si has sido tú, no tienes que hacer nada.
    .not-you = Lo ha solicitado alguien que conoce tu contraseña. Deshaz el cambio: el enlace abre una página, y el botón que hay en ella cierra la sesión en todos los dispositivos y anula tu contraseña. Después enviamos a esta dirección un enlace para elegir una nueva. El enlace también funciona después del cambio.
    .button = Deshacer el cambio
    .after-button = Si tu buzón tiene la misma contraseña, cámbiala también.

mail-email-changed =
    .subject = Tu dirección de correo de { $product } ha cambiado
    .preheader = Cambiada el { $at }. Si has sido tú, no tienes que hacer nada.
    .heading = Tu dirección de correo ha cambiado
    .body =
        Tu cuenta de { $product } tiene ahora otra dirección de correo. Inicia sesión con la dirección nueva; esta ya no pertenece a la cuenta. En tus otros dispositivos tienes que volver a iniciar sesión.

        Si has sido tú, no tienes que hacer nada.
    .asked = Cambiada el { $at }.
    .not-you = Deshaz el cambio: el enlace abre una página, y el botón que hay en ella devuelve esta dirección a tu cuenta, cierra la sesión en todos los dispositivos y anula la contraseña. Después enviamos a esta dirección un enlace para elegir una nueva.
    .button = Deshacer el cambio
    .after-button = Cuenta lo ocurrido a los responsables de { $product }.

mail-account-deleted =
    .subject = Tu cuenta de { $product } se ha eliminado
    .preheader = Eliminada con todos sus datos el { $at }.
    .heading = Tu cuenta se ha eliminado
    .body =
        Tu cuenta de { $product } se ha eliminado con todos sus datos. No se puede recuperar. Este es el último correo sobre ella: borramos tu dirección en cuanto se entrega este correo.

        Puedes crear una cuenta nueva cuando quieras.
    .asked = Eliminada el { $at }.
    .not-you = Quien eliminó la cuenta conocía tu contraseña. Cámbiala en todos los demás sitios donde la uses, y cuenta lo ocurrido a los responsables de { $product }.

mail-former-account-deleted =
    .subject = La cuenta de { $product } que tenía esta dirección se ha eliminado
    .preheader = Eliminada el { $at }, después de cambiar su dirección. Si has sido tú, no tienes que hacer nada.
    .heading = La cuenta que tenía esta dirección se ha eliminado
    .body =
        La cuenta de { $product } que antes tenía esta dirección de correo se ha eliminado con todos sus datos. No se puede recuperar, y el enlace de nuestro correo anterior para deshacer el cambio de dirección ya no funciona.

        Si fuiste tú quien cambió la dirección y eliminó la cuenta, no tienes que hacer nada. Este es el último correo sobre la cuenta: borramos tu dirección en cuanto se entrega este correo.
    .asked = Eliminada el { $at }.
    .not-you = Quien eliminó la cuenta conocía tu contraseña o puede leer tu correo. Cuenta lo ocurrido a los responsables de { $product }; este correo y los anteriores dicen cuándo y desde dónde. Después, cambia la contraseña de tu buzón, y la de la cuenta en todos los demás sitios donde la uses.

mail-account-deleted-by-admin =
    .subject = Tu cuenta de { $product } se ha eliminado
    .preheader = Eliminada con todos sus datos el { $at }.
    .heading = Tu cuenta se ha eliminado
    .body = La administración de { $product } ha eliminado tu cuenta con todos sus datos. No se puede recuperar, y los enlaces de correos anteriores sobre ella ya no funcionan. Este es el último correo sobre ella: borramos tu dirección en cuanto se entrega este correo.
    .asked = Eliminada por la administración el { $at }.
    .not-you-heading = Si no sabes por qué
    .not-you = Pregunta a los responsables de { $product }.

mail-invitation =
    .subject = Tienes una invitación para unirte a { $product }
    .preheader = Crea tu cuenta. Plazo: { $expires }. Si no quieres una, no tienes que hacer nada.
    .heading = Tienes una invitación
    .body = La administración de { $product } te invita a crear una cuenta con esta dirección de correo. Elige un nombre y una contraseña en la página que abre el enlace.
    .button = Crear la cuenta
    .asked = Enviado por la administración el { $at }.
    .not-you-heading = Si no quieres una cuenta
    .not-you = No tienes que hacer nada. Solo este enlace permite crear una cuenta a tu nombre, y caduca. No lo reenvíes.

mail-reuse-detected =
    .subject = Se ha cerrado una sesión de tu cuenta de { $product }
    .preheader = Cerrada el { $at }, porque alguien usó un token de acceso obsoleto de esta sesión.
    .heading = Se ha cerrado una sesión
    .body =
        Hemos cerrado una sesión de tu cuenta de { $product } porque alguien usó un token de acceso obsoleto de esta sesión, que tu dispositivo ya había sustituido. O una aplicación tiene un fallo, o alguien ha copiado el token.

        Vuelve a iniciar sesión en ese dispositivo. Tus demás sesiones siguen activas, y no se ha usado tu contraseña.
    .asked = Cerrada el { $at }.
    .ip = El token se usó desde esta dirección IP: { $ip }
    .not-you = Si no reconoces esta dirección IP, o si vuelve a ocurrir, solicita un enlace de restablecimiento y elige una contraseña nueva. Así se cierra la sesión en todos los dispositivos.
    .after-button = Después, comprueba qué ha podido leer en tu dispositivo: una extensión del navegador, un ordenador compartido, un programa en el que no confías.
