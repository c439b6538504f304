use clap::Parser as _;
use keyward_worker::ops::cli::Cli;
use reqwest::{Method, RequestBuilder};

use crate::{Options, Reply, World};

/// Operators and viewers of a world.
const OPERATOR: (&str, &str) = ("ada", "the-operator-of-this-test");
const VIEWER: (&str, &str) = ("bob", "the-viewer-of-this-test--");

impl Options {
    /// Workers offer operations to an operator `ada` and a viewer `bob`: see
    /// [`World::ops`](crate::World::ops).
    #[must_use]
    pub fn operated() -> Self {
        let pair = |(name, password)| format!("{name}:{password}");
        let options = Self { operations: true, ..Self::default() };
        options.set("OPS_OPERATORS", pair(OPERATOR)).set("OPS_VIEWERS", pair(VIEWER))
    }
}

impl World {
    /// Runs a `keyward-worker` command. Returns whether it succeeded, and its output.
    ///
    /// # Errors
    ///
    /// The error with which it ends.
    pub async fn keyward_worker(&self, args: &[&str]) -> anyhow::Result<(bool, String)> {
        let command = Cli::parse_from(["keyward-worker"].iter().chain(args)).command.unwrap();
        let mut out = Vec::new();
        let is_ok = command.run(&self.app, async |_| Ok(self.nats.clone()), &mut out).await?;
        Ok((is_ok, String::from_utf8(out)?))
    }

    /// A world whose worker offers operations: see [`Options::operated`].
    pub async fn with_operations() -> Self {
        Self::with(Options::operated()).await
    }

    /// A request without credentials.
    pub fn ops_request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.ops))
    }

    /// A request of the operator.
    pub async fn look(&self, path: &str) -> Reply {
        let request = self.ops_request(Method::GET, path);
        self.send(request.basic_auth(OPERATOR.0, Some(OPERATOR.1))).await
    }

    /// A request of the viewer.
    pub async fn look_as_viewer(&self, path: &str) -> Reply {
        let request = self.ops_request(Method::GET, path);
        self.send(request.basic_auth(VIEWER.0, Some(VIEWER.1))).await
    }

    /// A request of the operator, from a page of the board.
    pub fn act_request(&self, path: &str, form: &[(&str, &str)]) -> RequestBuilder {
        let request = self.ops_request(Method::POST, path).form(form);
        request.basic_auth(OPERATOR.0, Some(OPERATOR.1))
    }

    /// A request of the operator from a page of the board; follows the redirect and returns the next page.
    pub async fn act(&self, path: &str, form: &[(&str, &str)]) -> Reply {
        let request = self.act_request(path, form).header("sec-fetch-site", "same-origin");
        let reply = self.send(request).await.expect(303);
        self.look(reply.header("location")).await.expect(200)
    }

    /// A request of the viewer, from a page of the board.
    pub async fn act_as_viewer(&self, path: &str) -> Reply {
        let request = self.ops_request(Method::POST, path).header("sec-fetch-site", "same-origin");
        self.send(request.basic_auth(VIEWER.0, Some(VIEWER.1))).await
    }

    /// The address of the operations with the operator's credentials, for a browser.
    pub fn ops_with_password(&self) -> String {
        self.ops.replace("//", &format!("//{}:{}@", OPERATOR.0, OPERATOR.1))
    }
}
