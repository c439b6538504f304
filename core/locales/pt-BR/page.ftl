### As páginas que os links dos e-mails abrem. O arquivo em inglês explica cada mensagem. O leitor é tratado
### por «você».

## Partes comuns a várias páginas.

page-error-title = Erro: { $title }

page-languages = Idioma

page-have-code = Tenho um código do e-mail

page-need-link = Preciso de um novo link

page-address = Endereço de e-mail

page-address-hint = O endereço para o qual enviamos o e-mail.

page-code = Código do e-mail

page-code-hint = Oito letras, como WDJB-MJHT. Você também pode colar o link inteiro.

page-your-address = Seu endereço de e-mail

page-name = Seu nome

page-name-hint = Outras pessoas podem vê-lo. Você pode alterá-lo depois.

page-password = Nova senha

page-password-hint = Pelo menos { $min } caracteres. Algumas palavras sem relação entre si são fáceis de lembrar e difíceis de adivinhar.

page-password-show = Mostrar a senha

page-password-missing =
    { $count ->
        [one] Falta { $count } caractere
       *[other] Faltam { $count } caracteres
    }

page-password-enough = Comprimento suficiente

page-onward = Continuar para { $product }

## O que uma página diz no lugar do formulário.

page-dead-title = Este link não funciona mais

page-sent-title = Confira seu e-mail

page-sent-hint = Se não chegar em alguns minutos, veja a pasta de spam e confira se você digitou o endereço com que se cadastrou.

page-throttled =
    .title = Aguarde um momento
    .lead = Houve tentativas demais a partir da sua rede. Tente novamente { $within }.
    .hint = Nada mudou, e seu link continua funcionando. Volte ou abra novamente o link do e-mail.

page-disputed =
    .title = Escolha uma nova senha
    .why = Este endereço foi cadastrado mais de uma vez, com senhas diferentes. Nenhuma delas funciona, para que só você possa usar a conta.
    .lead = Escolha uma nova senha. É o último passo para concluir a criação da sua conta.

## Por que uma solicitação falhou.

page-problem =
    .title = Não funcionou
    .unavailable = O serviço não está disponível no momento. Nada mudou, e seu link continua funcionando. Tente novamente em um minuto.
    .throttled = Houve tentativas demais. Tente novamente { $within }.
    .other = Não foi possível concluir a solicitação. Nada mudou. Tente novamente.

## O que há de errado em um campo.

page-flaw-email =
    .required = Digite um endereço de e-mail.
    .too-long = Este endereço de e-mail é longo demais.
    .malformed = Isto não é um endereço de e-mail como ada@example.org.

page-flaw-code =
    .required = Digite o código do e-mail.
    .malformed = Um código tem oito letras, como WDJB-MJHT, sem vogais nem números.
    .wrong-code = O endereço e o código não correspondem, ou o código já foi usado, expirou ou foi digitado errado cinco vezes. Confira os dois, abra o link do e-mail mais recente ou solicite um novo e-mail.

page-flaw-name =
    .required = Digite um nome.
    .too-long = Um nome tem no máximo { $max } caracteres.

page-flaw-password =
    .required = Digite uma senha.
    .too-short = Uma senha tem pelo menos { $min } caracteres.
    .too-long = Uma senha tem no máximo { $max } caracteres.
    .too-common = Esta senha é formada por senhas ou palavras comuns. Use quatro ou mais palavras sem relação entre si.
    .too-guessable = Esta senha é formada pelo seu nome, pelo seu endereço ou por um padrão repetido.

page-flaw =
    .forbidden-character =
        { $why ->
            [invisible] O texto contém o caractere invisível { $character }. Digite-o manualmente.
            [look-alike] O texto contém o caractere { $character }, que parece “{ $twin }”, mas é outra letra. Digite-o manualmente.
           *[other] O texto contém o caractere { $character }, que não é permitido aqui.
        }
    .other = Isto não pode ser aceito. Confira.

## As páginas.

page-verify-email =
    .title = Confirme seu endereço de e-mail
    .lead = Confirme que este endereço é seu. É o último passo para concluir a criação da sua conta.
    .done = Seu endereço de e-mail está confirmado
    .done-lead = Sua conta está pronta. Você pode fechar esta página e entrar.
    .dead-lead = O link já foi usado ou expirou. Se você já confirmou seu endereço, pode entrar. Caso contrário, podemos enviar um novo link.
    .ask-title = Receba um novo link
    .ask-lead = Podemos enviar um novo link ao endereço que você quer confirmar.
    .ask-button = Enviar um novo link
    .sent = Se esse endereço estiver aguardando confirmação, enviamos um novo link para ele.

page-reset-password =
    .title = Redefina sua senha
    .lead = Escolha uma nova senha. Você sairá de todos os seus dispositivos.
    .done = Sua nova senha foi definida
    .done-lead = Suas sessões foram encerradas em todos os dispositivos. Agora você pode entrar com a nova senha.
    .dead-lead = O link já foi usado ou expirou. Podemos enviar um novo.
    .ask-title = Receba um link de redefinição
    .ask-lead = Podemos enviar um link ao seu endereço de e-mail. Use-o para escolher uma nova senha.
    .sent = Se esse endereço tiver uma conta, enviamos um link de redefinição para ele.

page-confirm-email =
    .title = Confirme seu novo endereço de e-mail
    .lead = Confirme que você quer usar este endereço na sua conta. Você sairá de todos os seus outros dispositivos.
    .done = Seu novo endereço de e-mail está confirmado
    .done-lead = A partir de agora, entre com seu novo endereço. Você pode fechar esta página.
    .dead-lead = O link já foi usado ou expirou, ou você solicitou um mais recente. Se você já confirmou o endereço, não precisa fazer mais nada. Caso contrário, entre e altere seu endereço novamente. Enviaremos um novo link.

page-undo-email =
    .title = Mantenha seu endereço de e-mail
    .lead = Se você não pediu para alterar seu endereço, desfaça a alteração. Sua conta mantém este endereço, as sessões são encerradas em todos os dispositivos e a senha atual deixa de funcionar.
    .done = A alteração foi desfeita
    .done-lead = As sessões foram encerradas em todos os dispositivos. Enviamos um e-mail com um link para escolher uma nova senha. Use uma que você não use em nenhum outro lugar.
    .dead-lead = O link já foi usado ou expirou, ou a conta foi excluída. Se você já o usou, procure no seu e-mail um link para escolher uma nova senha. Se alguém tomou sua conta, entre em contato com o suporte.

page-accept-invitation =
    .title = Crie sua conta
    .show-button = Mostrar quem convida você
    .by = Convite de
    .role = Função
    .role-user = Usuário: gerencia a própria conta
    .role-admin = Administrador: gerencia todas as contas
    .lead = Você recebeu um convite para criar uma conta. Digite seu nome e escolha uma senha.
    .done = Sua conta está pronta
    .done-lead = Você pode fechar esta página e entrar com seu endereço de e-mail e sua nova senha.
    .dead-lead = O convite já foi usado, expirou, ou foi substituído ou retirado. Procure no seu e-mail um convite mais recente. Se você já criou sua conta, pode entrar. Caso contrário, peça um novo convite.

## Páginas para navegadores sem link.

page-start =
    .title = Contas
    .lead = Este servidor gerencia as contas de { $product }. Os links dos e-mails abrem as páginas dele.

page-not-found =
    .title = Esta página não existe
    .lead = O endereço está errado ou incompleto. Se você seguiu um link de um e-mail, abra o e-mail novamente e copie o link inteiro.
