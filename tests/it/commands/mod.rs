mod register_user;
