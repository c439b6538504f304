### Les pages que les liens des e-mails ouvrent. Le fichier anglais explique chaque message. On vouvoie le
### lecteur. Une espace insécable précède les deux-points et le point-virgule.

## Parties communes à plusieurs pages.

page-error-title = Erreur : { $title }

page-languages = Langue

page-have-code = J’ai reçu un code par e-mail

page-need-link = J’ai besoin d’un nouveau lien

page-address = Adresse e-mail

page-address-hint = L’adresse à laquelle nous avons envoyé l’e-mail.

page-code = Code reçu par e-mail

page-code-hint = Huit lettres, comme WDJB-MJHT. Vous pouvez aussi coller le lien entier.

page-your-address = Votre adresse e-mail

page-name = Votre nom

page-name-hint = D’autres personnes peuvent le voir. Vous pourrez le changer plus tard.

page-password = Nouveau mot de passe

page-password-hint = Au moins { $min } caractères. Quelques mots sans rapport entre eux sont faciles à retenir et difficiles à deviner.

page-password-show = Afficher le mot de passe

page-password-missing =
    { $count ->
        [one] Encore { $count } caractère
       *[other] Encore { $count } caractères
    }

page-password-enough = Assez long

page-onward = Continuer vers { $product }

## Ce qu’une page dit à la place de son formulaire.

page-dead-title = Ce lien ne fonctionne plus

page-sent-title = Consultez votre messagerie

page-sent-hint = Si vous ne recevez rien d’ici quelques minutes, regardez dans le dossier des courriers indésirables et vérifiez que vous avez saisi l’adresse de votre inscription.

page-throttled =
    .title = Veuillez patienter un instant
    .lead = Il y a eu trop de tentatives depuis votre réseau. Réessayez { $within }.
    .hint = Rien n’a changé, et votre lien fonctionne toujours. Revenez en arrière ou ouvrez de nouveau le lien de l’e-mail.

page-disputed =
    .title = Choisissez un nouveau mot de passe
    .why = Cette adresse a été enregistrée plusieurs fois, avec des mots de passe différents. Aucun d’eux ne fonctionne, afin que personne d’autre ne puisse utiliser le compte.
    .lead = Choisissez un nouveau mot de passe. C’est la dernière étape de la création de votre compte.

## Pourquoi une demande a échoué.

page-problem =
    .title = Cela n’a pas fonctionné
    .unavailable = Le service n’est pas disponible pour le moment. Rien n’a changé, et votre lien fonctionne toujours. Veuillez réessayer dans une minute.
    .throttled = Il y a eu trop de tentatives. Réessayez { $within }.
    .other = La demande n’a pas pu être exécutée. Rien n’a changé. Veuillez réessayer.

## Ce qui ne va pas dans un champ.

page-flaw-email =
    .required = Saisissez une adresse e-mail.
    .too-long = Cette adresse e-mail est trop longue.
    .malformed = Ce n’est pas une adresse e-mail comme ada@example.org.

page-flaw-code =
    .required = Saisissez le code reçu par e-mail.
    .malformed = Un code se compose de huit lettres, comme WDJB-MJHT, sans voyelles ni chiffres.
    .wrong-code = Cette adresse et ce code ne vont pas ensemble, ou le code a été utilisé, a expiré ou a été mal saisi cinq fois. Vérifiez les deux, ouvrez plutôt le lien de l’e-mail le plus récent ou demandez un nouvel e-mail.

page-flaw-name =
    .required = Saisissez un nom.
    .too-long = Un nom compte au plus { $max } caractères.

page-flaw-password =
    .required = Saisissez un mot de passe.
    .too-short = Un mot de passe compte au moins { $min } caractères.
    .too-long = Un mot de passe compte au plus { $max } caractères.
    .too-common = Ce mot de passe est formé de mots de passe ou de mots courants. Utilisez au moins quatre mots sans rapport entre eux.
    .too-guessable = Ce mot de passe est formé de votre nom, de votre adresse ou d’un motif répété.

page-flaw =
    .forbidden-character =
        { $why ->
            [invisible] Ce texte contient le caractère invisible { $character }. Veuillez le saisir à la main.
            [look-alike] Ce texte contient le caractère { $character }, qui ressemble à « { $twin } » mais est une autre lettre. Veuillez le saisir à la main.
           *[other] Ce texte contient le caractère { $character }, qui n’est pas autorisé ici.
        }
    .other = Cette saisie n’est pas acceptée. Veuillez la vérifier.

## Les pages.

page-verify-email =
    .title = Confirmez votre adresse e-mail
    .lead = Confirmez que cette adresse est la vôtre. C’est la dernière étape de la création de votre compte.
    .done = Votre adresse e-mail est confirmée
    .done-lead = Votre compte est prêt. Vous pouvez fermer cette page et vous connecter.
    .dead-lead = Le lien a été utilisé ou a expiré. Si vous avez déjà confirmé votre adresse, vous pouvez vous connecter. Sinon, nous pouvons vous envoyer un nouveau lien.
    .ask-title = Recevez un nouveau lien
    .ask-lead = Nous pouvons envoyer un nouveau lien à l’adresse que vous voulez confirmer.
    .ask-button = Envoyer un nouveau lien
    .sent = Si cette adresse attend d’être confirmée, nous lui avons envoyé un nouveau lien.

page-reset-password =
    .title = Réinitialisez votre mot de passe
    .lead = Choisissez un nouveau mot de passe. Cela vous déconnecte de tous vos appareils.
    .done = Votre nouveau mot de passe est enregistré
    .done-lead = Vos sessions sont fermées sur tous vos appareils. Vous pouvez maintenant vous connecter avec le nouveau mot de passe.
    .dead-lead = Le lien a été utilisé ou a expiré. Nous pouvons vous en envoyer un nouveau.
    .ask-title = Recevez un lien de réinitialisation
    .ask-lead = Nous pouvons envoyer un lien à votre adresse e-mail. Il vous permet de choisir un nouveau mot de passe.
    .sent = Si cette adresse a un compte, nous lui avons envoyé un lien de réinitialisation.

page-confirm-email =
    .title = Confirmez votre nouvelle adresse e-mail
    .lead = Confirmez que vous voulez utiliser cette adresse avec votre compte. Cela vous déconnecte de tous vos autres appareils.
    .done = Votre nouvelle adresse e-mail est confirmée
    .done-lead = Désormais, connectez-vous avec votre nouvelle adresse. Vous pouvez fermer cette page.
    .dead-lead = Le lien a été utilisé ou a expiré, ou vous en avez demandé un plus récent. Si vous avez déjà confirmé l’adresse, vous n’avez plus rien à faire. Sinon, connectez-vous et changez de nouveau votre adresse. Nous vous enverrons un nouveau lien.

page-undo-email =
    .title = Conservez votre adresse e-mail
    .lead = Si vous n’avez pas demandé à changer d’adresse, annulez le changement. Votre compte conserve cette adresse, tous les appareils sont déconnectés et le mot de passe actuel cesse de fonctionner.
    .done = Le changement est annulé
    .done-lead = Tous les appareils sont déconnectés. Nous vous avons envoyé un e-mail contenant un lien pour choisir un nouveau mot de passe. Choisissez-en un que vous n’utilisez nulle part ailleurs.
    .dead-lead = Le lien a été utilisé ou a expiré, ou le compte a été supprimé. Si vous l’avez déjà utilisé, cherchez dans votre messagerie un lien pour choisir un nouveau mot de passe. Si quelqu’un s’est emparé de votre compte, contactez l’assistance.

page-accept-invitation =
    .title = Créez votre compte
    .show-button = Voir qui vous invite
    .by = Invitation de
    .role = Rôle
    .role-user = Utilisateur : gère son propre compte
    .role-admin = Administrateur : gère tous les comptes
    .lead = Vous avez reçu une invitation à créer un compte. Saisissez votre nom et choisissez un mot de passe.
    .done = Votre compte est prêt
    .done-lead = Vous pouvez fermer cette page et vous connecter avec votre adresse e-mail et votre nouveau mot de passe.
    .dead-lead = L’invitation a été utilisée, a expiré, ou a été remplacée ou retirée. Cherchez une invitation plus récente dans votre messagerie. Si vous avez déjà créé votre compte, vous pouvez vous connecter. Sinon, demandez une nouvelle invitation.

## Pages pour les navigateurs sans lien.

page-start =
    .title = Comptes
    .lead = Ce serveur gère les comptes de { $product }. Les liens des e-mails ouvrent ses pages.

page-not-found =
    .title = Cette page n’existe pas
    .lead = L’adresse est incorrecte ou incomplète. Si vous avez suivi un lien dans un e-mail, ouvrez de nouveau l’e-mail et copiez le lien entier.
