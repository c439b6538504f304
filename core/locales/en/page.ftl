### The pages that the links in emails open.
###
### Every page is one message, for example page-verify-email. Its parts are in the order in which the
### reader meets them. The text is plain: no HTML, no Markdown.
###
### Variables that every message may use:
###   { $product }: the name of the product, such as Keyward
###
### A button has the name that the email gives it: the .button of the email in mail.ftl.

## Parts that several pages have.

# The title of the browser's tab when a field has an error. { $title } is the headline.
page-error-title = Error: { $title }

# A heading of the menu of languages, for screen readers.
page-languages = Language

# The sections of a page that was opened without its link.
page-have-code = I have a code from the email

page-need-link = I need a new link

# A field for the address that the email went to, with a hint. On some pages the address is known and
# cannot be changed.
page-address = Email address

page-address-hint = The address that we have sent the email to.

page-code = Code from the email

page-code-hint = Eight letters, like WDJB-MJHT. You can also paste the whole link.

# A field for an address to send a new link to.
page-your-address = Your email address

# The name that the reader chooses for the account.
page-name = Your name

page-name-hint = Other people can see it. You can change it later.

page-password = New password

# { $min } is a number, at least 8.
page-password-hint = At least { $min } characters. A few unrelated words are easy to remember and hard to guess.

# A button beside the password, for screen readers.
page-password-show = Show password

# Below the password while it is being typed.
page-password-missing =
    { $count ->
        [one] { $count } more character needed
       *[other] { $count } more characters needed
    }

page-password-enough = Long enough

# A link to the application.
page-onward = Continue to { $product }

## What a page says instead of its form.

# The link was used, replaced or has expired. Each page has a .dead-lead of its own.
page-dead-title = This link no longer works

# A new link was sent. Each page has a .sent of its own; the hint follows it.
page-sent-title = Check your email

page-sent-hint = If you do not get it within a few minutes, check your spam folder and make sure that you entered the address you registered with.

# { $within }: within-seconds, within-minutes or within-hours in common.ftl, such as "in 5 minutes".
page-throttled =
    .title = Please wait a moment
    .lead = There were too many attempts from your network. Try again { $within }.
    .hint = Nothing has changed, and your link still works. Go back, or open the link in the email again.

# The address was registered more than once, with different passwords.
page-disputed =
    .title = Choose a new password
    .why = This address was registered more than once, with different passwords. None of them works, so that only you can use the account.
    .lead = Choose a new password. This is the last step to set up your account.

## Why a request failed. The headline is page-problem.title.

page-problem =
    .title = That did not work
    .unavailable = The service is not available at the moment. Nothing has changed, and your link still works. Please try again in a minute.
    .throttled = There were too many attempts. Try again { $within }.
    .other = The request could not be carried out. Nothing has changed. Please try again.

## What is wrong with a field.

page-flaw-email =
    .required = An email address is needed.
    .too-long = This email address is too long.
    .malformed = This is not an email address like ada@example.org.

page-flaw-code =
    .required = The code from the email is needed.
    .malformed = A code has eight letters like WDJB-MJHT, no vowels and no digits.
    .wrong-code = This address and code do not belong together, or the code was used, has expired, or was entered wrongly five times. Check both, open the link in the newest email instead, or get a new email.

# { $max } is a number: 100.
page-flaw-name =
    .required = A name is needed.
    .too-long = A name has at most { $max } characters.

# { $min } is a number, at least 8; { $max } is 128.
page-flaw-password =
    .required = A password is needed.
    .too-short = A password has at least { $min } characters.
    .too-long = A password has at most { $max } characters.
    .too-common = This password is built from common passwords or words. Use four or more unrelated words.
    .too-guessable = This password is built from your name, your address or a repeated pattern.

# Any field. { $character } is the number of a character, such as U+200B; { $twin } is the letter that it
# looks like.
page-flaw =
    .forbidden-character =
        { $why ->
            [invisible] This contains the invisible character { $character }. Please type it by hand.
            [look-alike] This contains the character { $character }, which looks like “{ $twin }” but is another letter. Please type it by hand.
           *[other] This contains the character { $character }, which is not allowed here.
        }
    .other = This cannot be accepted. Please check it.

## The pages.

# To a person who registered. The button is that of mail-verification.
#   .title: what the page is for
#   .lead: what the button does
#   .done, .done-lead: what has changed, and what to do next
#   .dead-lead: what to do if the link no longer works
#   .ask-title, .ask-lead, .ask-button: the form that requests a new link
#   .sent: afterwards; it does not disclose whether the address has an account
page-verify-email =
    .title = Confirm your email address
    .lead = Confirm that this address is yours. This is the last step to set up your account.
    .done = Your email address is confirmed
    .done-lead = Your account is ready. You can close this page and sign in.
    .dead-lead = The link has been used or has expired. If you have already confirmed your address, you can sign in. Otherwise, we can send you a new link.
    .ask-title = Get a new link
    .ask-lead = We can send a new link to the address that you want to confirm.
    .ask-button = Send a new link
    .sent = If that address is waiting to be confirmed, we have sent a new link to it.

# The button is that of mail-password-reset; mail-reset-button requests a new link.
page-reset-password =
    .title = Reset your password
    .lead = Choose a new password. You will be signed out on all your devices.
    .done = Your new password is set
    .done-lead = You are signed out on all your devices. You can now sign in with the new password.
    .dead-lead = The link has been used or has expired. We can send you a new one.
    .ask-title = Get a reset link
    .ask-lead = We can send a link to your email address. Use it to choose a new password.
    .sent = If that address has an account, we have sent a reset link to it.

# The button is that of mail-email-change-confirmation.
page-confirm-email =
    .title = Confirm your new email address
    .lead = Confirm that you want to use this address for your account. You will be signed out on all your other devices.
    .done = Your new email address is confirmed
    .done-lead = From now on, sign in with your new address. You can close this page.
    .dead-lead = The link has been used or has expired, or you have requested a newer one. If you have already confirmed the address, you are done. Otherwise, sign in and change your address again. We will send you a new link.

# To the owner of a former address. The button is that of mail-email-changed.
page-undo-email =
    .title = Keep your email address
    .lead = If you did not ask to change your address, undo the change. Your account keeps this address, all devices are signed out, and the current password stops working.
    .done = The change is undone
    .done-lead = All devices are signed out. We have sent you an email with a link to choose a new password. Use one that you use nowhere else.
    .dead-lead = The link has been used or has expired, or the account was deleted. If you have already used it, check your email for a link to choose a new password. If someone has taken over your account, contact support.

# To an invited person. The button is that of mail-invitation.
#   .show-button: shows .by and .role, the labels of the name of the administrator who invites, and of the
#     role of the new account
page-accept-invitation =
    .title = Set up your account
    .show-button = Show who invites you
    .by = Invited by
    .role = Role
    .role-user = User: manages their own account
    .role-admin = Administrator: manages all accounts
    .lead = You are invited to create an account. Enter your name and choose a password.
    .done = Your account is ready
    .done-lead = You can close this page and sign in with your email address and your new password.
    .dead-lead = The invitation has been used, has expired, or was replaced or withdrawn. Check your email for a newer invitation. If you have already set up your account, you can sign in. Otherwise, ask for a new invitation.

## Pages for browsers that have no link.

page-start =
    .title = Accounts
    .lead = This server manages the accounts of { $product }. Links in emails open its pages.

page-not-found =
    .title = This page does not exist
    .lead = The address is wrong or incomplete. If you followed a link in an email, open the email again and copy the whole link.
