page-start =
    .title = Your Acme account
