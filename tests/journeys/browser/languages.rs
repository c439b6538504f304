use keyward_tests::{Options, World};
use serde_json::json;

use super::{Browser, layout::check_layout, reset_link};

#[tokio::test(flavor = "multi_thread")]
async fn a_page_in_hebrew_reads_from_right_to_left() {
    let settings = Options::default()
        .set("APP_URL", "http://127.0.0.1:9/app")
        .set("SUPPORT_EMAIL", "support@example.org");
    let world = World::with(settings).await;
    let ada = world.account("ada").await;
    let page = format!("{}/reset-password?lang=he", world.url);
    let token = world.reset_token(&ada.email).await;
    let browser = Browser::start().await;

    browser.open(&page).await;
    browser.field("הקוד מהודעת הדוא״ל").await;
    check_layout(&browser, "he-reset-no-link").await;
    let sides = "
        const box = (selector) => document.querySelector(selector).getBoundingClientRect();
        return [
            box('.mark').left > box('header span').left,
            box('.reveal').left - box('#password').left < 8,
            getComputedStyle(document.querySelector('#code')).direction,
            getComputedStyle(document.querySelector('h1')).direction,
        ]";
    assert_eq!(browser.run(sides).await, json!([true, true, "ltr", "rtl"]));
    browser.open(&format!("{page}#{token}")).await;
    browser.type_into("סיסמה חדשה", "too short").await;
    browser.element("//*[@id='count'][.='חסרים עוד 6 תווים']").await;
    browser.press("בחירת סיסמה חדשה").await;
    assert_eq!(browser.alert().await, "בסיסמה יש לפחות 15 תווים.");
    check_layout(&browser, "he-reset-weak").await;
    browser.type_into("סיסמה חדשה", "a better passphrase").await;
    browser.press("בחירת סיסמה חדשה").await;
    browser.sees("הסיסמה החדשה שלך נקבעה").await;
    check_layout(&browser, "he-reset-done").await;

    assert_eq!(browser.console_errors().await, [""; 0]);
    world.log_in(&ada.with_password("a better passphrase")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_keeps_its_link_in_another_language() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let page = format!("{}/reset-password", world.url);
    let browser = Browser::start().await;
    let choose = async |language: &str| {
        let link = browser.element(&format!("//a[normalize-space()='{language}']")).await;
        link.click().await.unwrap();
    };

    browser.open(&reset_link(&world, &ada).await).await;
    browser.field("New password").await;
    choose("Deutsch").await;
    browser.type_into("Neues Passwort", "zu kurz").await;
    assert_eq!(browser.address().await, format!("{page}?lang=de"));
    browser.run("sessionStorage.clear()").await;
    choose("日本語").await;
    browser.type_into("新しいパスワード", "a better passphrase").await;
    assert_eq!(browser.address().await, format!("{page}?lang=ja"));
    browser.press("新しいパスワードを設定する").await;

    browser.sees("新しいパスワードを設定しました").await;
    world.log_in(&ada.with_password("a better passphrase")).await;
}
