//! The variables of a process: its environment, and the file `.env`.

use std::{collections::HashMap, env, fs, path::Path};

use anyhow::Context as _;

use super::reader::Setting;

/// Variables of the environment, and of a file like `.env`; the environment takes precedence.
#[derive(Default)]
pub struct Variables {
    environment: HashMap<String, String>,
    file: Vec<Line>,
    /// Name of the file in messages.
    file_name: String,
    /// What is wrong with lines of the file that set no variable.
    malformed: Vec<String>,
}

/// A variable of the file.
struct Line {
    number: usize,
    name: String,
    value: String,
}

impl Variables {
    /// Variables of `docker-compose.yml`, which reads the same `.env`.
    const OF_COMPOSE: [&str; 3] = ["POSTGRES_PASSWORD", "REDIS_PASSWORD", "NATS_PASSWORD"];
    /// Prefixes of variables that libraries and Docker Compose read.
    const OF_LIBRARIES: [&str; 6] = ["COMPOSE_", "OTEL_", "PG", "RUST_", "SSL_CERT_", "TOKIO_"];
    /// Prefixes that only our variables have. `NATS_` and `REDIS_` are not among them: Kubernetes
    /// sets such variables for services.
    const OURS: [&str; 9] =
        ["ARGON2_", "AVATAR_", "BLOB_", "CORS_", "DKIM_", "LIMIT_", "OPS_", "RATE_LIMIT_", "SMTP_"];

    /// The variables of this process and of `.env` in its working directory, if it exists.
    ///
    /// # Errors
    ///
    /// If `.env` cannot be read.
    pub fn of_process() -> anyhow::Result<Self> {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        let environment = env::vars_os().filter_map(text).collect();
        let path = Path::new(".env");
        let file = if path.exists() { Self::of_file(path)? } else { Self::default() };
        // For libraries, which read variables such as `OTEL_EXPORTER_OTLP_HEADERS` themselves. A
        // malformed line is among the mistakes.
        let _ = dotenvy::from_path(path);
        Ok(Self { environment, ..file })
    }

    /// The variables of a file like `.env`.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn of_file(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path);
        let text = text.with_context(|| format!("{} cannot be read", path.display()))?;
        Ok(Self::parse(&path.display().to_string(), &text))
    }

    /// Reads the text of a file; `file_name` is its name in messages.
    pub(crate) fn parse(file_name: &str, text: &str) -> Self {
        let text = text.trim_start_matches('\u{feff}');
        let mut variables = Self { file_name: file_name.to_owned(), ..Self::default() };
        for item in dotenvy::from_read_iter(text.as_bytes()) {
            match item {
                Ok((name, value)) => {
                    let number = number_of(text, |line| sets(line, &name));
                    variables.file.push(Line { number, name, value });
                }
                // The message of the library contains the line, which may be a secret.
                Err(dotenvy::Error::LineParse(malformed, _)) => {
                    let malformed = malformed.lines().next().unwrap_or_default();
                    let number = number_of(text, |line| line.contains(malformed));
                    let mistake = "is not NAME=value; a value with spaces or # needs quotes";
                    variables.malformed.push(format!("{file_name} line {number}: {mistake}"));
                }
                Err(error) => variables.malformed.push(format!("{file_name}: {error}")),
            }
        }
        variables
    }

    /// The value of a variable. The first line that sets it counts.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let in_file = || self.file.iter().find(|line| line.name == name).map(|line| &line.value);
        self.environment.get(name).or_else(in_file).cloned()
    }

    /// Where a variable is set, in parentheses; empty if in the environment.
    pub(super) fn place(&self, name: &str) -> String {
        let line = self.file.iter().find(|line| line.name == name);
        match line.filter(|_| !self.environment.contains_key(name)) {
            Some(line) => format!(" ({} line {})", self.file_name, line.number),
            None => String::new(),
        }
    }

    /// Malformed lines, and names that are not in the table of settings: all of the file, and those
    /// of the environment that look like ours.
    pub(super) fn mistakes(&self, table: &[Setting]) -> Vec<String> {
        let secrets = table.iter().filter(|setting| setting.is_secret);
        let files = secrets.map(|setting| format!("{}_FILE", setting.name));
        let known: Vec<String> =
            table.iter().map(|setting| setting.name.to_owned()).chain(files).collect();
        let is_known = |name: &str| {
            known.iter().any(|one| one == name)
                || Self::OF_COMPOSE.contains(&name)
                || Self::OF_LIBRARIES.iter().any(|prefix| name.starts_with(prefix))
        };
        let mistake = |name: &str| match nearest(name, &known) {
            Some(known) => {
                format!("{name}{}: is unknown; did you mean {known}?", self.place(name))
            }
            None => format!("{name}{}: is unknown", self.place(name)),
        };
        let in_file = self.file.iter().map(|line| &line.name).filter(|name| !is_known(name));
        let in_environment = self.environment.keys().filter(|name| {
            let is_ours = || Self::OURS.iter().any(|prefix| name.starts_with(prefix));
            !is_known(name)
                && !is_of_kubernetes(name)
                && (is_ours() || nearest(name, &known).is_some())
        });
        let mut unknown: Vec<String> =
            in_file.chain(in_environment).map(|name| mistake(name)).collect();
        unknown.sort();
        unknown.dedup();
        [self.malformed.clone(), unknown].concat()
    }
}

/// Whether a line sets a variable.
fn sets(line: &str, name: &str) -> bool {
    let line = line.trim_start();
    let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
    line.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with('='))
}

/// The number of the first line with a property.
fn number_of(text: &str, has_property: impl Fn(&str) -> bool) -> usize {
    let is_code = |line: &str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    1 + text.lines().position(|line| is_code(line) && has_property(line)).unwrap_or_default()
}

/// The known name that was probably meant: at most two letters differ, or one of a short name.
fn nearest<'a>(name: &str, known: &'a [String]) -> Option<&'a String> {
    let name = name.to_uppercase();
    let distance = |known: &String| strsim::damerau_levenshtein(&name, known);
    let nearest = known.iter().min_by_key(|known| distance(known))?;
    let most = if nearest.len() < 10 { 1 } else { 2 };
    (distance(nearest) <= most).then_some(nearest)
}

/// Whether Kubernetes sets such a variable for a service.
fn is_of_kubernetes(name: &str) -> bool {
    name.ends_with("_PORT")
        || ["_SERVICE_HOST", "_SERVICE_PORT", "_PORT_"].iter().any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    fn mistakes(environment: &[(&str, &str)], file: &str) -> Vec<String> {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let environment = environment.iter().map(own).collect();
        let variables = Variables { environment, ..Variables::parse(".env", file) };
        variables.mistakes(&Settings::table())
    }

    #[test]
    fn every_unknown_name_of_the_file_is_a_mistake_with_its_line() {
        let file = "# a comment\n\nRATE_LIMT_ENABLED=false\nexport database_url=x\nFOO='a\nb'\nBAR=1\n\
                    LINK_KEY_FILE=/run/key\nPOSTGRES_PASSWORD=x\nOTEL_SERVICE_NAME=x\n";

        assert_eq!(
            mistakes(&[], file),
            [
                "BAR (.env line 7): is unknown",
                "FOO (.env line 5): is unknown",
                "RATE_LIMT_ENABLED (.env line 3): is unknown; did you mean RATE_LIMIT_ENABLED?",
                "database_url (.env line 4): is unknown; did you mean DATABASE_URL?",
            ]
        );
    }

    #[test]
    fn names_of_the_environment_are_mistakes_if_they_look_like_ours() {
        let others = ["PATH", "HOME", "HTTP_PROXY", "SESSION_MANAGER", "API_TOKEN", "LOG_LEVEL"];
        let services =
            ["REDIS_PORT", "NATS_SERVICE_HOST", "SMTP_PORT_25_TCP_ADDR", "SMTP_SERVICE_PORT"];
        let compose = ["REDIS_PASSWORD", "HTTP_URL", "BASE_URL", "KEYWARD_API_PORT"];
        for name in others.into_iter().chain(services).chain(compose) {
            assert_eq!(mistakes(&[(name, "x")], ""), [""; 0], "{name}");
        }
        for (name, meant) in [
            ("RATE_LIMT_ENABLED", "; did you mean RATE_LIMIT_ENABLED?"),
            ("REDIS_URI", "; did you mean REDIS_URL?"),
            ("SMTP_TIMEOUT", "; did you mean SMTP_TIMEOUT_S?"),
            ("LIMIT_COFFEE", ""),
            ("SMTP_USER", ""),
        ] {
            assert_eq!(mistakes(&[(name, "x")], ""), [format!("{name}: is unknown{meant}")]);
        }
    }

    #[test]
    fn malformed_line_is_a_mistake_that_does_not_show_it() {
        let file = "FOO_BAR=1\nLINK_KEY=hunter2 hunter2\nPRODUCT_NAME=Acme\n";
        let variables = Variables::parse(".env", file);

        let mistakes = variables.mistakes(&Settings::table());

        assert!(mistakes[0].starts_with(".env line 2: is not NAME=value"), "{mistakes:?}");
        assert!(!mistakes.concat().contains("hunter2"), "{mistakes:?}");
        assert_eq!(mistakes.len(), 2, "{mistakes:?}");
        assert_eq!(variables.get("PRODUCT_NAME").unwrap(), "Acme");
    }

    #[test]
    fn mistake_names_the_line_unless_the_environment_sets_the_variable() {
        let file = "PUBLIC_URL=nope\nAPI_ADDR=nope\nAPI_ADDR=127.0.0.1:1\n";
        let environment = [("PUBLIC_URL".to_owned(), "nowhere".to_owned())].into();
        let variables = Variables { environment, ..Variables::parse(".env", file) };

        let mistakes = Settings::of_variables(&variables, None).unwrap_err().to_string();

        assert!(mistakes.contains("- PUBLIC_URL: is not"), "{mistakes}");
        assert!(mistakes.contains("- API_ADDR (.env line 2): "), "{mistakes}");
    }
}
