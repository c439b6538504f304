//! Asks the name server.

use std::{net::SocketAddr, time::Duration};

use anyhow::Context as _;
use hickory_resolver::{
    Resolver, TokioResolver,
    config::{NameServerConfig, ResolveHosts, ResolverConfig},
    net::{DnsError, NetError, runtime::TokioRuntimeProvider},
    proto::rr::{Name, RData, RecordType},
};
use tokio::time::timeout;

use super::answers::{Answer, Kind, NoAnswer, Question, Record};

/// How long a question may take, with all its repetitions.
const QUERY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a name server may take to answer before it is asked again.
const ATTEMPT_TIMEOUT: Duration = Duration::from_millis(2_400);

pub(super) struct Dns(TokioResolver);

impl Dns {
    /// Uses the name servers of this machine, or `server`.
    ///
    /// Fails if the machine's configuration (`/etc/resolv.conf`) cannot be read.
    pub(super) fn new(server: Option<SocketAddr>) -> anyhow::Result<Self> {
        let mut builder = match server {
            None => TokioResolver::builder_tokio().context("no name server is configured here")?,
            Some(address) => {
                let mut server = NameServerConfig::udp_and_tcp(address.ip());
                server.connections.iter_mut().for_each(|one| one.port = address.port());
                let config = ResolverConfig::from_name_servers(vec![server]);
                Resolver::builder_with_config(config, TokioRuntimeProvider::default())
            }
        };
        let options = builder.options_mut();
        options.timeout = ATTEMPT_TIMEOUT;
        options.attempts = 1;
        options.use_hosts_file = ResolveHosts::Never;
        Ok(Self(builder.build()?))
    }

    pub(super) async fn ask(&self, question: &Question) -> Answer {
        let Ok(mut name) = Name::from_ascii(&question.name) else {
            return Err(NoAnswer::NoName);
        };
        // Never below a search domain of this machine.
        name.set_fqdn(true);
        let kind = match question.kind {
            Kind::A => RecordType::A,
            Kind::Aaaa => RecordType::AAAA,
            Kind::Mx => RecordType::MX,
            Kind::Ptr => RecordType::PTR,
            Kind::Txt => RecordType::TXT,
        };
        let found = timeout(QUERY_TIMEOUT, self.0.lookup(name, kind)).await;
        match found.unwrap_or(Err(NetError::Timeout)) {
            // A look-up also returns the aliases (CNAME) on the way.
            Ok(found) => Ok(found.answers().iter().filter_map(|one| record(&one.data)).collect()),
            Err(error) if error.is_nx_domain() => Err(NoAnswer::NoName),
            Err(error) if error.is_no_records_found() => Err(NoAnswer::NoRecord),
            Err(error) => Err(NoAnswer::Failed(explain(&error))),
        }
    }
}

fn record(data: &RData) -> Option<Record> {
    let plain = |name: &Name| name.to_lowercase().to_ascii().trim_end_matches('.').to_owned();
    Some(match data {
        RData::A(v4) => Record::Address(v4.0.into()),
        RData::AAAA(v6) => Record::Address(v6.0.into()),
        RData::MX(mx) => Record::Exchange(mx.preference, plain(&mx.exchange)),
        RData::PTR(name) => Record::Name(plain(&name.0)),
        RData::TXT(txt) => {
            Record::Text(String::from_utf8_lossy(&txt.txt_data.concat()).into_owned())
        }
        _ => return None,
    })
}

fn explain(error: &NetError) -> String {
    match error {
        NetError::Timeout => "no answer within 5 s".to_owned(),
        NetError::Dns(DnsError::ResponseCode(code)) => format!("the name server says {code}"),
        error => error.to_string(),
    }
}
