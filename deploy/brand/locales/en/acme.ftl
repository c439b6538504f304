# A text of your own in place of the shipped one, whose name and variables are in
# core/locales/en/mail.ftl. The other parts of the email stay as they are.
mail-verification =
    .subject = Welcome to { $product }: confirm your email address
    .button = Yes, this is my address

mail-footer = Acme Ltd, 1 Example Street, London. Replies to this email are not read.
