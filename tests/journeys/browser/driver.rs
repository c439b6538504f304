//! The browser of a test.

use std::{
    fs::{self, File},
    path::PathBuf,
    time::Duration,
};

use fantoccini::{
    Client, ClientBuilder, Locator, elements::Element, wd::WebDriverCompatibleCommand,
};
use hyper_util::client::legacy::connect::HttpConnector;
use keyward_stack::{
    browser, folder,
    process::{Launch, Process, Signal},
};
use keyward_tests::until;
use reqwest::Method;
use serde_json::{Value, json};
use url::{ParseError, Url};

/// Tab, as WebDriver encodes it.
pub(crate) const TAB: &str = "\u{e004}";
/// Enter, as WebDriver encodes it.
pub(crate) const ENTER: &str = "\u{e007}";

/// Only the pages of the test: no first-run pages, updates or background requests.
const FLAGS: [&str; 11] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
];

/// Chromium with its own profile. It ends when this is dropped or the test process ends.
pub(crate) struct Browser {
    client: Client,
    chromium: Process,
    chromedriver: Process,
    _home: folder::Scratch,
}

impl Browser {
    pub(crate) async fn start() -> Self {
        let programs = browser::find_or_install().await.unwrap();
        let home = folder::scratch("browser").unwrap();
        let profile = home.path().join("profile");
        let launch = |program: PathBuf, log| {
            let log = File::create(home.path().join(log)).unwrap();
            Launch::new(program).output(log).unwrap()
        };
        let chromium = launch(programs.chromium, "chromium.log")
            .args(FLAGS)
            .args([format!("--user-data-dir={}", profile.display())])
            .args(["about:blank"])
            .spawn()
            .unwrap();
        let start_driver = || {
            let chromedriver = launch(programs.chromedriver.clone(), "chromedriver.log");
            chromedriver.args(["--port=0"]).spawn().unwrap()
        };
        let mut chromedriver = start_driver();

        let read = |file| fs::read_to_string(home.path().join(file)).unwrap_or_default();
        let debugger = async || read("profile/DevToolsActivePort").lines().next()?.parse().ok();
        let debugger: u16 = until("Chromium reports its port", debugger).await;
        let port = async || {
            // It exits if its port for IPv4 is in use on IPv6.
            if chromedriver.status().is_some() {
                chromedriver = start_driver();
            }
            port_in(&read("chromedriver.log"))
        };
        let port = until("chromedriver reports its port", port).await;
        let capabilities = json!({
            "goog:chromeOptions": {"debuggerAddress": format!("127.0.0.1:{debugger}")},
            "goog:loggingPrefs": {"browser": "WARNING"},
        });
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(serde_json::from_value(capabilities).unwrap())
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .unwrap();
        Self { client, chromium, chromedriver, _home: home }
    }

    pub(crate) async fn open(&self, url: &str) {
        self.client.goto(url).await.unwrap();
    }

    pub(crate) async fn reload(&self) {
        self.client.refresh().await.unwrap();
    }

    pub(crate) async fn go_back(&self) {
        self.client.back().await.unwrap();
    }

    /// Cuts or restores the network.
    pub(crate) async fn set_online(&self, is_online: bool) {
        let network = json!({
            "offline": !is_online,
            "latency": 0,
            "downloadThroughput": -1,
            "uploadThroughput": -1,
        });
        self.devtools("Network.emulateNetworkConditions", network).await;
    }

    /// The URL in the address bar.
    pub(crate) async fn address(&self) -> String {
        self.client.current_url().await.unwrap().into()
    }

    /// The URL of the main frame.
    pub(crate) async fn address_in_frame(&self) -> String {
        self.client.enter_frame(0).await.unwrap();
        self.run("return location.href").await.as_str().unwrap().to_owned()
    }

    /// Waits for a heading.
    pub(crate) async fn sees(&self, heading: &str) {
        self.element(&format!("//h1[normalize-space()='{heading}']")).await;
    }

    /// Waits for an alert and returns its text.
    pub(crate) async fn alert(&self) -> String {
        self.element("//*[@role='alert']").await.text().await.unwrap()
    }

    /// The field with this label.
    pub(crate) async fn field(&self, label: &str) -> Element {
        self.element(&format!("//input[@id=//label[normalize-space()='{label}']/@for]")).await
    }

    pub(crate) async fn type_into(&self, label: &str, text: &str) {
        self.field(label).await.send_keys(text).await.unwrap();
    }

    /// Presses the button, or opens the section, with this name.
    pub(crate) async fn press(&self, name: &str) {
        let button = format!(
            "//*[self::button or self::summary][normalize-space()='{name}' or @aria-label='{name}']"
        );
        self.element(&button).await.click().await.unwrap();
    }

    /// Sends keys to the focused element.
    pub(crate) async fn press_key(&self, key: &str) {
        let focused = self.client.active_element().await.unwrap();
        focused.send_keys(key).await.unwrap();
    }

    /// Waits for a visible element.
    pub(crate) async fn element(&self, xpath: &str) -> Element {
        let visible = async || {
            let all = self.client.find_all(Locator::XPath(xpath)).await.ok()?;
            for element in all {
                if element.is_displayed().await.unwrap_or(false) {
                    return Some(element);
                }
            }
            None
        };
        until(&format!("the page shows {xpath}"), visible).await
    }

    /// Runs a function body in the page and returns its result.
    pub(crate) async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// Sends a command of the DevTools protocol.
    pub(crate) async fn devtools(&self, command: &str, params: Value) -> Value {
        let body = json!({"cmd": command, "params": params});
        let command = Command { path: "goog/cdp/execute", body };
        self.client.issue_cmd(command).await.unwrap()
    }

    /// New messages of the console: violated policies, missing files, errors. Error statuses of form
    /// responses are left out.
    pub(crate) async fn console_errors(&self) -> Vec<String> {
        let command = Command { path: "se/log", body: json!({"type": "browser"}) };
        let log = self.client.issue_cmd(command).await.unwrap();
        let entries = log.as_array().unwrap().iter();
        let messages = entries.map(|entry| entry["message"].as_str().unwrap().to_owned());
        let is_status = " - Failed to load resource: the server responded";
        let by_page = |message: &String| {
            message.split_once(is_status).is_some_and(|(url, _)| !url.contains("/assets/"))
        };
        messages.filter(|message| !by_page(message)).collect()
    }

    /// Disables JavaScript.
    pub(crate) async fn without_javascript(&self) {
        self.devtools("Emulation.setScriptExecutionDisabled", json!({"value": true})).await;
    }

    /// Sets the width of the screen, and a height that shows the whole page.
    pub(crate) async fn resize(&self, width: u32) {
        for is_whole in [false, true] {
            let height = match is_whole {
                false => json!(640),
                true => self.run("return document.documentElement.scrollHeight").await,
            };
            let screen = json!({
                "width": width,
                "height": height,
                "deviceScaleFactor": 1,
                "mobile": width < 600,
            });
            self.devtools("Emulation.setDeviceMetricsOverride", screen).await;
        }
    }

    /// Sets `prefers-color-scheme` to `dark` or `light`, and reduces motion.
    pub(crate) async fn prefer(&self, scheme: &str) {
        let features = json!({"features": [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]});
        self.devtools("Emulation.setEmulatedMedia", features).await;
    }

    /// Stores a screenshot in `target/screenshots` for manual review.
    pub(crate) async fn photograph(&self, name: &str) {
        let folder = folder::target().join("screenshots");
        fs::create_dir_all(&folder).unwrap();
        let picture = self.client.screenshot().await.unwrap();
        fs::write(folder.join(format!("{name}.png")), picture).unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.chromedriver.signal(Signal::SIGKILL);
        self.chromium.end_blocking(Duration::from_secs(5));
    }
}

fn port_in(log: &str) -> Option<u16> {
    let (_, rest) = log.split_once("started successfully on port ")?;
    let (port, _) = rest.split_once('.')?;
    port.parse().ok()
}

/// A command of chromedriver itself.
#[derive(Debug)]
struct Command {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Command {
    fn endpoint(&self, server: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        server.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}
