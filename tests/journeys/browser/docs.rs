use keyward_tests::World;

use super::Browser;

#[tokio::test(flavor = "multi_thread")]
async fn the_api_docs_try_operations_and_load_nothing_external() {
    let world = World::new().await;
    let browser = Browser::start().await;

    browser.open(&format!("{}/docs", world.url)).await;
    let keys = "//*[contains(@class, 'opblock-summary')][.//*[contains(., 'jwks.json')]]";
    browser.element(keys).await;
    for (width, scheme) in [(360, "light"), (1280, "light"), (1280, "dark")] {
        browser.prefer(scheme).await;
        browser.resize(width).await;
        browser.photograph(&format!("docs-{width}-{scheme}")).await;
    }
    browser.element(&format!("{keys}//button")).await.click().await.unwrap();
    browser.press("Try it out").await;
    browser.press("Execute").await;
    browser.element("//*[contains(@class, 'live-responses-table')]//*[contains(., 'EdDSA')]").await;
    browser.photograph("docs-tried").await;

    let foreign = "return performance.getEntriesByType('resource').map((entry) => entry.name)
        .filter((name) => new URL(name).origin !== location.origin)";
    assert_eq!(browser.run(foreign).await, serde_json::json!([]));
    assert_eq!(browser.console_errors().await, [""; 0]);
}
