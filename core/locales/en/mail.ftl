### The emails.
###
### Every email is one message. Its parts, such as .subject, are in the order in which they are read. An
### empty line begins a new paragraph. The text is plain: no HTML, no Markdown.
###
### Variables that every message may use:
###   { $product }: the name of the product, such as Keyward
###   { $at }: when the email was requested, as `moment` in common.ftl writes it
###   { $expires }: when the link expires, written likewise; only in emails with a link
###
### Links and codes are not in the messages: each follows the text that announces it, on a line of its
### own.

## Parts that several emails have.

# The first line. { $name } is the display name of the reader.
mail-greeting = Hello { $name },

# The same for a reader whose name is not known.
mail-greeting-nameless = Hello,

# Followed by the link.
mail-by-hand = If the button does not work, open this address:

# Followed by the page that takes the code.
mail-other-device = On another device, open this page:

# Followed by the code, which does there what the link does.
mail-code = Enter your email address and this code there:

# { $within }: within-minutes, within-hours or within-days in common.ftl, such as "in 24 hours".
mail-expiry = The link works once and expires { $within }: on { $expires }.

# When the email was requested; some emails have an .asked of their own.
mail-asked = Requested on { $at }.

# From which address. { $ip } is the address, such as 203.0.113.7.
mail-ip = IP address: { $ip }

mail-ip-unknown = IP address: unknown

# A heading above what to do then; some emails have a .not-you-heading of their own.
mail-not-you-heading = If this was not you

# A button that leads to the page where one requests a link to set a new password.
mail-reset-button = Send a reset link

# Followed by the address of the support.
mail-support = Do you need help? Write to:

# The last line. { $product } and the address of its web page are above it.
mail-footer = This email was sent automatically. Replies to it are not read.

## The emails.

# To a person who registered, with a link that opens a page with a button.
#   .preheader: what a mailbox shows beside the subject; at most two short sentences
#   .heading: the first words of the email, in large letters
#   .button: a verb and its object
#   .not-you: what to do if someone else caused this email
mail-verification =
    .subject = Confirm your email address for { $product }
    .preheader = Confirm your address by { $expires } to finish setting up your account.
    .heading = Confirm your email address
    .body = Welcome to { $product }. To finish setting up your account, confirm that this is your email address. The link opens a page; press the button there to confirm.
    .button = Confirm email address
    .not-you = You do not need to do anything. Without this confirmation, we do not use your address, and the link expires.

# To the owner of an account, when someone tries to register with their address.
# The button of this email is mail-reset-button.
mail-already-registered =
    .subject = You already have a { $product } account
    .preheader = Nothing has changed. Sign in as usual, or set a new password.
    .heading = You already have an account
    .body =
        We received a request to create a { $product } account with this email address. You already have an account, so nothing has changed. Sign in as usual.

        If you have forgotten your password, request a link to set a new one.
    .not-you = You do not need to do anything. Your account and your password are unchanged, and we have not revealed that this address has an account.

# To the owner, who has forgotten the password.
mail-password-reset =
    .subject = Reset your { $product } password
    .preheader = Choose a new password by { $expires }. If you did not request this, you do not need to do anything.
    .heading = Reset your password
    .body = We received a request to reset the password of your { $product } account. Setting a new password signs you out on every device.
    .button = Set new password
    .not-you = You do not need to do anything. Your password stays the same, and the link expires. Only this email contains the link, so do not forward it.

# To the owner, when an administrator requires a new password.
mail-password-reset-forced =
    .subject = Choose a new { $product } password
    .preheader = Your old password no longer works. Choose a new one by { $expires }.
    .heading = Choose a new password
    .body =
        An administrator of { $product } requires you to choose a new password. Your old password no longer works, and you are signed out on every device.

        If the link has expired, the page that it opens sends you a new one.
    .button = Set new password
    .asked = Requested by an administrator on { $at }.
    .not-you-heading = If you are not sure that this email is genuine
    .not-you = Do not use the link. Type the address of { $product } into your browser and request a new password there. Only this email contains the link, so do not forward it.

# To the owner, after the password was changed. The button of this email is mail-reset-button; it follows
# .not-you, and .after-button follows it.
mail-password-changed =
    .subject = Your { $product } password was changed
    .preheader = Changed on { $at }. If this was you, you do not need to do anything.
    .heading = Your password was changed
    .body =
        The password of your { $product } account was changed. The old password no longer works, and all your other sessions have ended: sign in again on your other devices with the new password.

        If this was you, you do not need to do anything.
    .asked = Changed on { $at }.
    .not-you = Request a reset link and set a new password now. This also signs out the person who changed it.
    .after-button = Then change the password of your mailbox too: a person who can read your email can reset your passwords. Tell the people who run { $product } what happened.

# To a new address, which its owner has to confirm.
mail-email-change-confirmation =
    .subject = Confirm your new email address for { $product }
    .preheader = Confirm by { $expires } to use this address for your account.
    .heading = Confirm your new email address
    .body =
        We received a request to use this email address for a { $product } account. Confirm that it is yours. The link opens a page; press the button there to change the address of the account.

        After you confirm, you sign in with this address and receive the emails of { $product } here.
    .button = Confirm email address
    .not-you = You do not need to do anything. Without this confirmation your address is not used for an account, and the link expires.

# To the present address, at the same time. The button follows .not-you, and .after-button follows it.
mail-email-change-notice =
    .subject = Your { $product } email address is about to change
    .preheader = We received a request to use another address for your account. If this was you, you do not need to do anything.
    .heading = Your email address is about to change
    .body =
        We received a request to use another email address for your { $product } account. Nothing has changed yet: the address changes when it is confirmed with a link that we sent there.

        If this was you, you do not need to do anything.
    .not-you = Someone who knows your password requested this. Undo the change: the link opens a page, and the button there signs out every device and disables your password. We then send a link to choose a new password to this address. The link also works after the change.
    .button = Undo the change
    .after-button = If your mailbox has the same password, change that one too.

# To the former address, after the change. The button follows .not-you, and .after-button follows it.
mail-email-changed =
    .subject = Your { $product } email address was changed
    .preheader = Changed on { $at }. If this was you, you do not need to do anything.
    .heading = Your email address was changed
    .body =
        Your { $product } account now has another email address. Sign in with the new address; this address no longer belongs to the account. Your other devices have to sign in again.

        If this was you, you do not need to do anything.
    .asked = Changed on { $at }.
    .not-you = Undo the change: the link opens a page, and the button there gives your account this address back, signs out every device and disables the password. We then send a link to choose a new password to this address.
    .button = Undo the change
    .after-button = Tell the people who run { $product } what happened.

# To the owner, who has deleted the account.
mail-account-deleted =
    .subject = Your { $product } account was deleted
    .preheader = Deleted on { $at }, with all its data.
    .heading = Your account was deleted
    .body =
        Your { $product } account was deleted with all its data. It cannot be restored. This is the last email about it: we delete your email address once this email has been delivered.

        You can create a new account at any time.
    .asked = Deleted on { $at }.
    .not-you = The person who deleted the account knew your password. Change it wherever else you use it, and tell the people who run { $product } what happened.

# To an address that the account had before; until now it could undo the change.
mail-former-account-deleted =
    .subject = The { $product } account that had this address was deleted
    .preheader = Deleted on { $at }, after its address was changed. If you did this yourself, you do not need to do anything.
    .heading = The account that had this address was deleted
    .body =
        The { $product } account that used to have this email address was deleted, with all its data. It cannot be restored, and the link in our earlier email to undo the address change no longer works.

        If you changed the address and deleted the account yourself, you do not need to do anything. This is the last email about the account: we delete your email address once this email has been delivered.
    .asked = Deleted on { $at }.
    .not-you = The person who deleted the account knew your password or can read your email. Tell the people who run { $product } what happened; this email and the earlier ones say when and from where. Then change the password of your mailbox, and this password wherever else you use it.

# To the owner, whose account an administrator has deleted.
mail-account-deleted-by-admin =
    .subject = Your { $product } account was deleted
    .preheader = Deleted on { $at }, with all its data.
    .heading = Your account was deleted
    .body = An administrator of { $product } deleted your account with all its data. It cannot be restored, and links in earlier emails about it no longer work. This is the last email about it: we delete your email address once this email has been delivered.
    .asked = Deleted by an administrator on { $at }.
    .not-you-heading = If you do not know why
    .not-you = Ask the people who run { $product }.

# To an invited person.
mail-invitation =
    .subject = You are invited to { $product }
    .preheader = Create your account by { $expires }. If you do not want one, you do not need to do anything.
    .heading = You are invited
    .body = An administrator of { $product } invites you to create an account with this email address. Choose a name and a password on the page that the link opens.
    .button = Create account
    .asked = Sent by an administrator on { $at }.
    .not-you-heading = If you do not want an account
    .not-you = You do not need to do anything. Only this link creates an account in your name, and it expires. Do not forward it.

# To the owner, when a session was ended because an outdated token of it was used. .ip is the address that
# used it. The button of this email is mail-reset-button; it follows .not-you, and .after-button follows
# it.
mail-reuse-detected =
    .subject = A session of your { $product } account was ended
    .preheader = Ended on { $at }, because someone used an outdated sign-in token of this session.
    .heading = A session was ended
    .body =
        We ended a session of your { $product } account, because someone used an outdated sign-in token of this session after your device had replaced it. Either an app has a fault, or someone has copied the token.

        Sign in again on that device. Your other sessions are still active, and your password was not used.
    .asked = Ended on { $at }.
    .ip = The token was used from this IP address: { $ip }
    .not-you = If you do not recognise this IP address, or if this happens again, request a reset link and set a new password. This signs out every device.
    .after-button = Then check what could have read your device: a browser extension, a shared computer, a program that you do not trust.
