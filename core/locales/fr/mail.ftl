### Les e-mails. Le fichier anglais explique chaque message. On vouvoie le lecteur. Une espace insécable
### précède les deux-points et le point-virgule.

## Parties communes à plusieurs e-mails.

mail-greeting = Bonjour { $name },

mail-greeting-nameless = Bonjour,

mail-by-hand = Si le bouton ne fonctionne pas, ouvrez cette adresse :

mail-other-device = Sur un autre appareil, ouvrez cette page :

mail-code = Saisissez-y votre adresse e-mail et ce code :

mail-expiry = Le lien fonctionne une seule fois et expire { $within } : { $expires }.

mail-asked = Demande faite le { $at }.

mail-ip = Adresse IP : { $ip }

mail-ip-unknown = Adresse IP : inconnue

mail-not-you-heading = Si ce n’était pas vous

mail-reset-button = Recevoir un lien de réinitialisation

mail-support = Besoin d’aide ? Écrivez à :

mail-footer = Cet e-mail a été envoyé automatiquement. Les réponses ne sont pas lues.

## Les e-mails.

mail-verification =
    .subject = Confirmez votre adresse e-mail pour { $product }
    .preheader = Confirmez votre adresse pour terminer la création de votre compte. Date limite : { $expires }.
    .heading = Confirmez votre adresse e-mail
    .body = Bienvenue sur { $product }. Pour terminer la création de votre compte, confirmez que cette adresse e-mail est bien la vôtre. Le lien ouvre une page ; appuyez sur le bouton qui s’y trouve pour confirmer.
    .button = Confirmer l’adresse e-mail
    .not-you = Vous n’avez rien à faire. Sans cette confirmation, nous n’utilisons pas votre adresse, et le lien expire.

mail-already-registered =
    .subject = Vous avez déjà un compte { $product }
    .preheader = Rien n’a changé. Connectez-vous comme d’habitude ou choisissez un nouveau mot de passe.
    .heading = Vous avez déjà un compte
    .body =
        Nous avons reçu une demande de création d’un compte { $product } avec cette adresse e-mail. Vous avez déjà un compte, donc rien n’a changé. Connectez-vous comme d’habitude.

        Si vous avez oublié votre mot de passe, demandez un lien pour en choisir un nouveau.
    .not-you = Vous n’avez rien à faire. Votre compte et votre mot de passe n’ont pas changé, et nous n’avons pas révélé que cette adresse a un compte.

mail-password-reset =
    .subject = Réinitialisez votre mot de passe { $product }
    .preheader = Choisissez un nouveau mot de passe. Date limite : { $expires }. Si vous n’avez rien demandé, vous n’avez rien à faire.
    .heading = Réinitialisez votre mot de passe
    .body = Nous avons reçu une demande de réinitialisation du mot de passe de votre compte { $product }. Choisir un nouveau mot de passe vous déconnecte de tous vos appareils.
    .button = Choisir un nouveau mot de passe
    .not-you = Vous n’avez rien à faire. Votre mot de passe reste le même, et le lien expire. Seul cet e-mail contient le lien : ne le transférez pas.

mail-password-reset-forced =
    .subject = Choisissez un nouveau mot de passe { $product }
    .preheader = Votre ancien mot de passe ne fonctionne plus. Choisissez-en un nouveau. Date limite : { $expires }.
    .heading = Choisissez un nouveau mot de passe
    .body =
        L’administration de { $product } vous demande de choisir un nouveau mot de passe. Votre ancien mot de passe ne fonctionne plus, et vos sessions sont fermées sur tous vos appareils.

        Si le lien a expiré, la page qu’il ouvre vous en envoie un nouveau.
    .button = Choisir un nouveau mot de passe
    .asked = Demande faite par l’administration le { $at }.
    .not-you-heading = Si vous doutez de l’authenticité de cet e-mail
    .not-you = N’utilisez pas le lien. Saisissez l’adresse de { $product } dans votre navigateur et demandez-y un nouveau mot de passe. Seul cet e-mail contient le lien : ne le transférez pas.

mail-password-changed =
    .subject = Votre mot de passe { $product } a été modifié
    .preheader = Modifié le { $at }. Si c’était vous, vous n’avez rien à faire.
    .heading = Votre mot de passe a été modifié
    .body =
        Le mot de passe de votre compte { $product } a été modifié. L’ancien mot de passe ne fonctionne plus, et toutes vos autres sessions sont terminées : reconnectez-vous sur vos autres appareils avec le nouveau mot de passe.

        Si c’était vous, vous n’avez rien à faire.
    .asked = Modifié le { $at }.
    .not-you = Demandez un lien de réinitialisation et choisissez dès maintenant un nouveau mot de passe. Cela déconnecte aussi la personne qui l’a modifié.
    .after-button = Changez ensuite le mot de passe de votre messagerie : une personne qui peut lire vos e-mails peut réinitialiser vos mots de passe. Signalez ce qui s’est passé aux responsables de { $product }.

mail-email-change-confirmation =
    .subject = Confirmez votre nouvelle adresse e-mail pour { $product }
    .preheader = Confirmez pour utiliser cette adresse avec votre compte. Date limite : { $expires }.
    .heading = Confirmez votre nouvelle adresse e-mail
    .body =
        Nous avons reçu une demande d’utilisation de cette adresse e-mail pour un compte { $product }. Confirmez que c’est la vôtre. Le lien ouvre une page ; appuyez sur le bouton qui s’y trouve pour changer l’adresse du compte.

        Après la confirmation, vous vous connectez avec cette adresse et recevez ici les e-mails de { $product }.
    .button = Confirmer l’adresse e-mail
    .not-you = Vous n’avez rien à faire. Sans cette confirmation, votre adresse n’est utilisée pour aucun compte, et le lien expire.

mail-email-change-notice =
    .subject = Votre adresse e-mail { $product } va changer
    .preheader = Nous avons reçu une demande d’utilisation d’une autre adresse pour votre compte. Si c’était vous, vous n’avez rien à faire.
    .heading = Votre adresse e-mail va changer
    .body =
        Nous avons reçu une demande d’utilisation d’une autre adresse e-mail pour votre compte { $product }. Rien n’a encore changé : l’adresse change lorsqu’elle est confirmée au moyen d’un lien que nous y avons envoyé.

        Si c’était vous, vous n’avez rien à faire.
    .not-you = Une personne qui connaît votre mot de passe a fait cette demande. Annulez le changement : le lien ouvre une page, et le bouton qui s’y trouve déconnecte tous les appareils et désactive votre mot de passe. Nous envoyons ensuite à cette adresse un lien pour choisir un nouveau mot de passe. Le lien fonctionne encore après le changement.
    .button = Annuler le changement
    .after-button = Si votre messagerie a le même mot de passe, changez-le aussi.

mail-email-changed =
    .subject = Votre adresse e-mail { $product } a été modifiée
    .preheader = Modifiée le { $at }. Si c’était vous, vous n’avez rien à faire.
    .heading = Votre adresse e-mail a été modifiée
    .body =
        Votre compte { $product } a maintenant une autre adresse e-mail. Connectez-vous avec la nouvelle adresse ; celle-ci n’appartient plus au compte. Vous devez vous reconnecter sur vos autres appareils.

        Si c’était vous, vous n’avez rien à faire.
    .asked = Modifiée le { $at }.
    .not-you = Annulez le changement : le lien ouvre une page, et le bouton qui s’y trouve rend cette adresse à votre compte, déconnecte tous les appareils et désactive le mot de passe. Nous envoyons ensuite à cette adresse un lien pour choisir un nouveau mot de passe.
    .button = Annuler le changement
    .after-button = Signalez ce qui s’est passé aux responsables de { $product }.

mail-account-deleted =
    .subject = Votre compte { $product } a été supprimé
    .preheader = Supprimé avec toutes ses données le { $at }.
    .heading = Votre compte a été supprimé
    .body =
        Votre compte { $product } a été supprimé avec toutes ses données. Il ne peut pas être rétabli. C’est le dernier e-mail à son sujet : nous effaçons votre adresse e-mail dès que cet e-mail est distribué.

        Vous pouvez créer un nouveau compte à tout moment.
    .asked = Supprimé le { $at }.
    .not-you = La personne qui a supprimé le compte connaissait votre mot de passe. Changez-le partout ailleurs où vous l’utilisez, et signalez ce qui s’est passé aux responsables de { $product }.

mail-former-account-deleted =
    .subject = Le compte { $product } qui avait cette adresse a été supprimé
    .preheader = Supprimé le { $at }, après un changement d’adresse. Si c’était vous, vous n’avez rien à faire.
    .heading = Le compte qui avait cette adresse a été supprimé
    .body =
        Le compte { $product } qui avait auparavant cette adresse e-mail a été supprimé avec toutes ses données. Il ne peut pas être rétabli, et le lien de notre e-mail précédent, qui permettait d’annuler le changement d’adresse, ne fonctionne plus.

        Si c’est vous qui avez changé l’adresse et supprimé le compte, vous n’avez rien à faire. C’est le dernier e-mail au sujet de ce compte : nous effaçons votre adresse e-mail dès que cet e-mail est distribué.
    .asked = Supprimé le { $at }.
    .not-you = La personne qui a supprimé le compte connaissait votre mot de passe ou peut lire vos e-mails. Signalez ce qui s’est passé aux responsables de { $product } ; cet e-mail et les précédents indiquent quand et d’où. Changez ensuite le mot de passe de votre messagerie, et celui du compte partout ailleurs où vous l’utilisez.

mail-account-deleted-by-admin =
    .subject = Votre compte { $product } a été supprimé
    .preheader = Supprimé avec toutes ses données le { $at }.
    .heading = Votre compte a été supprimé
    .body = L’administration de { $product } a supprimé votre compte avec toutes ses données. Il ne peut pas être rétabli, et les liens des e-mails précédents à son sujet ne fonctionnent plus. C’est le dernier e-mail à son sujet : nous effaçons votre adresse e-mail dès que cet e-mail est distribué.
    .asked = Supprimé par l’administration le { $at }.
    .not-you-heading = Si vous ne savez pas pourquoi
    .not-you = Demandez aux responsables de { $product }.

mail-invitation =
    .subject = Vous avez reçu une invitation à rejoindre { $product }
    .preheader = Créez votre compte. Date limite : { $expires }. Si vous n’en voulez pas, vous n’avez rien à faire.
    .heading = Vous avez reçu une invitation
    .body = L’administration de { $product } vous invite à créer un compte avec cette adresse e-mail. Choisissez un nom et un mot de passe sur la page que le lien ouvre.
    .button = Créer le compte
    .asked = Envoyé par l’administration le { $at }.
    .not-you-heading = Si vous ne voulez pas de compte
    .not-you = Vous n’avez rien à faire. Seul ce lien permet de créer un compte à votre nom, et il expire. Ne le transférez pas.

mail-reuse-detected =
    .subject = Une session de votre compte { $product } a été fermée
    .preheader = Fermée le { $at }, parce que quelqu’un a utilisé un jeton de connexion périmé de cette session.
    .heading = Une session a été fermée
    .body =
        Nous avons fermé une session de votre compte { $product }, parce que quelqu’un a utilisé un jeton de connexion périmé de cette session, que votre appareil avait déjà remplacé. Soit une application a un défaut, soit quelqu’un a copié le jeton.

        Reconnectez-vous sur cet appareil. Vos autres sessions restent actives, et votre mot de passe n’a pas été utilisé.
    .asked = Fermée le { $at }.
    .ip = Le jeton a été utilisé depuis cette adresse IP : { $ip }
    .not-you = Si vous ne reconnaissez pas cette adresse IP, ou si cela se reproduit, demandez un lien de réinitialisation et choisissez un nouveau mot de passe. Cela déconnecte tous les appareils.
    .after-button = Vérifiez ensuite ce qui a pu lire sur votre appareil : une extension de navigateur, un ordinateur partagé, un programme auquel vous ne faites pas confiance.
