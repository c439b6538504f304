### Os e-mails. O arquivo em inglês explica cada mensagem. O leitor é tratado por «você».

## Partes comuns a vários e-mails.

mail-greeting = Olá, { $name }!

mail-greeting-nameless = Olá!

mail-by-hand = Se o botão não funcionar, abra este endereço:

mail-other-device = Em outro dispositivo, abra esta página:

mail-code = Digite nela seu endereço de e-mail e este código:

mail-expiry = O link funciona uma única vez e expira { $within }: { $expires }.

mail-asked = Solicitado: { $at }.

mail-ip = Endereço IP: { $ip }

mail-ip-unknown = Endereço IP: desconhecido

mail-not-you-heading = Se não foi você

mail-reset-button = Receber um link de redefinição

mail-support = Precisa de ajuda? Escreva para:

mail-footer = Este e-mail foi enviado automaticamente. As respostas não são lidas.

## Os e-mails.

mail-verification =
    .subject = Confirme seu endereço de e-mail para { $product }
    .preheader = Confirme seu endereço para concluir a criação da sua conta. Prazo: { $expires }.
    .heading = Confirme seu endereço de e-mail
    .body = Boas-vindas a { $product }. Para concluir a criação da sua conta, confirme que este é o seu endereço de e-mail. O link abre uma página; pressione o botão que há nela para confirmar.
    .button = Confirmar o endereço de e-mail
    .not-you = Você não precisa fazer nada. Sem essa confirmação, não usamos seu endereço, e o link expira.

mail-already-registered =
    .subject = Você já tem uma conta de { $product }
    .preheader = Nada mudou. Entre como de costume ou escolha uma nova senha.
    .heading = Você já tem uma conta
    .body =
        Recebemos uma solicitação para criar uma conta de { $product } com este endereço de e-mail. Você já tem uma conta, portanto nada mudou. Entre como de costume.

        Se você esqueceu sua senha, solicite um link para escolher uma nova.
    .not-you = Você não precisa fazer nada. Sua conta e sua senha não mudaram, e não revelamos que este endereço tem uma conta.

mail-password-reset =
    .subject = Redefina sua senha de { $product }
    .preheader = Escolha uma nova senha. Prazo: { $expires }. Se você não solicitou isso, não precisa fazer nada.
    .heading = Redefina sua senha
    .body = Recebemos uma solicitação para redefinir a senha da sua conta de { $product }. Ao escolher uma nova senha, você sai de todos os dispositivos.
    .button = Escolher uma nova senha
    .not-you = Você não precisa fazer nada. Sua senha continua a mesma, e o link expira. Só este e-mail contém o link, portanto não o encaminhe.

mail-password-reset-forced =
    .subject = Escolha uma nova senha para { $product }
    .preheader = Sua senha antiga não funciona mais. Escolha uma nova. Prazo: { $expires }.
    .heading = Escolha uma nova senha
    .body =
        A administração de { $product } exige que você escolha uma nova senha. Sua senha antiga não funciona mais, e suas sessões foram encerradas em todos os dispositivos.

        Se o link tiver expirado, a página que ele abre envia um novo a você.
    .button = Escolher uma nova senha
    .asked = Solicitado pela administração: { $at }.
    .not-you-heading = Se você não sabe se este e-mail é autêntico
    .not-you = Não use o link. Digite o endereço de { $product } no navegador e solicite uma nova senha por lá. Só este e-mail contém o link, portanto não o encaminhe.

mail-password-changed =
    .subject = Sua senha de { $product } foi alterada
    .preheader = Alterada: { $at }. Se foi você, não precisa fazer nada.
    .heading = Sua senha foi alterada
    .body =
        A senha da sua conta de { $product } foi alterada. A senha antiga não funciona mais, e todas as suas outras sessões foram encerradas: entre novamente com a nova senha nos seus outros dispositivos.

        Se foi você, não precisa fazer nada.
    .asked = Alterada: { $at }.
    .not-you = Solicite agora um link de redefinição e escolha uma nova senha. Isso também encerra as sessões de quem a alterou.
    .after-button = Depois, altere também a senha da sua caixa de e-mail: quem pode ler seus e-mails pode redefinir suas senhas. Conte o que aconteceu aos responsáveis por { $product }.

mail-email-change-confirmation =
    .subject = Confirme seu novo endereço de e-mail para { $product }
    .preheader = Confirme para usar este endereço na sua conta. Prazo: { $expires }.
    .heading = Confirme seu novo endereço de e-mail
    .body =
        Recebemos uma solicitação para usar este endereço de e-mail em uma conta de { $product }. Confirme que ele é seu. O link abre uma página; pressione o botão que há nela para alterar o endereço da conta.

        Depois de confirmar, você entra com este endereço e recebe aqui os e-mails de { $product }.
    .button = Confirmar o endereço de e-mail
    .not-you = Você não precisa fazer nada. Sem essa confirmação, seu endereço não é usado em nenhuma conta, e o link expira.

mail-email-change-notice =
    .subject = Seu endereço de e-mail de { $product } vai mudar
    .preheader = Recebemos uma solicitação para usar outro endereço na sua conta. Se foi você, não precisa fazer nada.
    .heading = Seu endereço de e-mail vai mudar
    .body =
        Recebemos uma solicitação para usar outro endereço de e-mail na sua conta de { $product }. Nada mudou ainda: o endereço muda quando for confirmado com um link que enviamos para lá.

        Se foi você, não precisa fazer nada.
    .not-you = Alguém que conhece sua senha fez essa solicitação. Desfaça a alteração: o link abre uma página, e o botão que há nela encerra as sessões em todos os dispositivos e desativa sua senha. Depois, enviamos a este endereço um link para escolher uma nova senha. O link também funciona depois da alteração.
    .button = Desfazer a alteração
    .after-button = Se a sua caixa de e-mail tiver a mesma senha, altere-a também.

mail-email-changed =
    .subject = Seu endereço de e-mail de { $product } foi alterado
    .preheader = Alterado: { $at }. Se foi você, não precisa fazer nada.
    .heading = Seu endereço de e-mail foi alterado
    .body =
        Sua conta de { $product } agora tem outro endereço de e-mail. Entre com o novo endereço; este não pertence mais à conta. Nos seus outros dispositivos, você precisa entrar novamente.

        Se foi você, não precisa fazer nada.
    .asked = Alterado: { $at }.
    .not-you = Desfaça a alteração: o link abre uma página, e o botão que há nela devolve este endereço à sua conta, encerra as sessões em todos os dispositivos e desativa a senha. Depois, enviamos a este endereço um link para escolher uma nova senha.
    .button = Desfazer a alteração
    .after-button = Conte o que aconteceu aos responsáveis por { $product }.

mail-account-deleted =
    .subject = Sua conta de { $product } foi excluída
    .preheader = Excluída com todos os dados: { $at }.
    .heading = Sua conta foi excluída
    .body =
        Sua conta de { $product } foi excluída com todos os dados. Ela não pode ser recuperada. Este é o último e-mail sobre ela: apagamos seu endereço assim que este e-mail for entregue.

        Você pode criar uma nova conta quando quiser.
    .asked = Excluída: { $at }.
    .not-you = Quem excluiu a conta conhecia sua senha. Altere-a em todos os outros lugares em que você a usa e conte o que aconteceu aos responsáveis por { $product }.

mail-former-account-deleted =
    .subject = A conta de { $product } que tinha este endereço foi excluída
    .preheader = Excluída depois que o endereço foi alterado: { $at }. Se foi você, não precisa fazer nada.
    .heading = A conta que tinha este endereço foi excluída
    .body =
        A conta de { $product } que antes tinha este endereço de e-mail foi excluída com todos os dados. Ela não pode ser recuperada, e o link do nosso e-mail anterior para desfazer a alteração do endereço não funciona mais.

        Se foi você quem alterou o endereço e excluiu a conta, não precisa fazer nada. Este é o último e-mail sobre a conta: apagamos seu endereço assim que este e-mail for entregue.
    .asked = Excluída: { $at }.
    .not-you = Quem excluiu a conta conhecia sua senha ou pode ler seus e-mails. Conte o que aconteceu aos responsáveis por { $product }; este e-mail e os anteriores dizem quando e de onde. Depois, altere a senha da sua caixa de e-mail, e a da conta em todos os outros lugares em que você a usa.

mail-account-deleted-by-admin =
    .subject = Sua conta de { $product } foi excluída
    .preheader = Excluída com todos os dados: { $at }.
    .heading = Sua conta foi excluída
    .body = A administração de { $product } excluiu sua conta com todos os dados. Ela não pode ser recuperada, e os links de e-mails anteriores sobre ela não funcionam mais. Este é o último e-mail sobre ela: apagamos seu endereço assim que este e-mail for entregue.
    .asked = Excluída pela administração: { $at }.
    .not-you-heading = Se você não sabe por quê
    .not-you = Pergunte aos responsáveis por { $product }.

mail-invitation =
    .subject = Você recebeu um convite para { $product }
    .preheader = Crie sua conta. Prazo: { $expires }. Se você não quiser uma, não precisa fazer nada.
    .heading = Você recebeu um convite
    .body = A administração de { $product } convida você a criar uma conta com este endereço de e-mail. Escolha um nome e uma senha na página que o link abre.
    .button = Criar conta
    .asked = Enviado pela administração: { $at }.
    .not-you-heading = Se você não quer uma conta
    .not-you = Você não precisa fazer nada. Só este link permite criar uma conta em seu nome, e ele expira. Não o encaminhe.

mail-reuse-detected =
    .subject = Uma sessão da sua conta de { $product } foi encerrada
    .preheader = Alguém usou um token de acesso desatualizado desta sessão. Encerrada: { $at }.
    .heading = Uma sessão foi encerrada
    .body =
        Encerramos uma sessão da sua conta de { $product } porque alguém usou um token de acesso desatualizado desta sessão, que seu dispositivo já havia substituído. Ou um aplicativo tem um defeito, ou alguém copiou o token.

        Entre novamente nesse dispositivo. Suas outras sessões continuam ativas, e sua senha não foi usada.
    .asked = Encerrada: { $at }.
    .ip = O token foi usado a partir deste endereço IP: { $ip }
    .not-you = Se você não reconhece este endereço IP, ou se isso acontecer de novo, solicite um link de redefinição e escolha uma nova senha. Assim você sai de todos os dispositivos.
    .after-button = Depois, verifique o que pode ter lido dados no seu dispositivo: uma extensão do navegador, um computador compartilhado, um programa em que você não confia.
