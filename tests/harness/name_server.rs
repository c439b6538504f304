//! A name server with the records of one test.

use std::net::SocketAddr;

use hickory_proto::{
    op::{Message, OpCode, ResponseCode},
    rr::{
        Name, RData, Record, RecordType,
        rdata::{A, AAAA, CNAME, MX, PTR, TXT},
    },
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, UdpSocket},
    task::JoinSet,
};

/// Answers on UDP and TCP of one loopback port until it is dropped.
#[derive(Debug)]
pub struct NameServer {
    pub address: SocketAddr,
    _tasks: JoinSet<()>,
}

impl NameServer {
    /// Serves records, one a line: `name TYPE data`. Other names do not exist.
    ///
    /// A name can also be `SERVFAIL`, `SILENT` (no answer at all), or `TRUNCATED` (over UDP: an answer without
    /// records that asks for TCP).
    pub async fn start(zone: &str) -> Self {
        let (tcp, udp) = loop {
            let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
            // Another test may have the UDP port.
            if let Ok(udp) = UdpSocket::bind(tcp.local_addr().unwrap()).await {
                break (tcp, udp);
            }
        };
        let address = udp.local_addr().unwrap();
        let mut tasks = JoinSet::new();
        tasks.spawn(serve_udp(udp, Zone::parse(zone)));
        tasks.spawn(serve_tcp(tcp, Zone::parse(zone)));
        Self { address, _tasks: tasks }
    }
}

async fn serve_udp(socket: UdpSocket, zone: Zone) {
    let mut buffer = [0; 4_096];
    while let Ok((count, client)) = socket.recv_from(&mut buffer).await {
        if let Some(response) = zone.respond(&buffer[..count], true) {
            socket.send_to(&response, client).await.unwrap();
        }
    }
}

async fn serve_tcp(listener: TcpListener, zone: Zone) {
    while let Ok((mut stream, _)) = listener.accept().await {
        while let Some(request) = read(&mut stream).await {
            let Some(response) = zone.respond(&request, false) else { break };
            let length = u16::try_from(response.len()).unwrap().to_be_bytes();
            _ = stream.write_all(&[&length[..], &response].concat()).await;
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut request = vec![0; stream.read_u16().await.ok()?.into()];
    stream.read_exact(&mut request).await.ok()?;
    Some(request)
}

/// Lines of a zone: name, type, data.
#[derive(Debug)]
struct Zone(Vec<[String; 3]>);

impl Zone {
    fn parse(text: &str) -> Self {
        let line = |line: &str| {
            let mut parts = line.trim().splitn(3, ' ').map(str::to_owned);
            Some([parts.next()?, parts.next()?, parts.next().unwrap_or_default()])
        };
        Self(text.lines().filter_map(line).collect())
    }

    fn respond(&self, request: &[u8], is_udp: bool) -> Option<Vec<u8>> {
        let request = Message::from_vec(request).unwrap();
        let query = request.queries.first().unwrap().clone();
        let mut name = plain(&query.name);
        let mut response = Message::response(request.metadata.id, OpCode::Query);
        response.metadata.recursion_desired = true;
        response.metadata.recursion_available = true;
        let (kind, asked) = (query.query_type, query.name.clone());
        response.add_query(query);
        let mut owner = asked;
        while let Some(target) = self.data(&name, "CNAME").pop() {
            let target_name = fqdn(&target);
            response.add_answer(Record::from_rdata(
                owner,
                60,
                RData::CNAME(CNAME(target_name.clone())),
            ));
            (name, owner) = (target, target_name);
        }
        if self.has(&name, "SILENT") {
            return None;
        }
        if self.has(&name, "SERVFAIL") {
            response.metadata.response_code = ResponseCode::ServFail;
        } else if is_udp && self.has(&name, "TRUNCATED") {
            response.metadata.truncation = true;
        } else if !self.0.iter().any(|[one, ..]| *one == name) {
            response.metadata.response_code = ResponseCode::NXDomain;
        } else {
            let data = self.data(&name, &kind.to_string());
            let record = |data: &String| Record::from_rdata(owner.clone(), 60, rdata(kind, data));
            response.add_answers(data.iter().map(record).collect::<Vec<_>>());
        }
        Some(response.to_vec().unwrap())
    }

    fn data(&self, name: &str, kind: &str) -> Vec<String> {
        let is_asked = |line: &&[String; 3]| line[0] == name && line[1] == kind;
        self.0.iter().filter(is_asked).map(|[.., data]| data.clone()).collect()
    }

    fn has(&self, name: &str, kind: &str) -> bool {
        !self.data(name, kind).is_empty()
    }
}

fn rdata(kind: RecordType, data: &str) -> RData {
    match kind {
        RecordType::A => RData::A(A(data.parse().unwrap())),
        RecordType::AAAA => RData::AAAA(AAAA(data.parse().unwrap())),
        RecordType::PTR => RData::PTR(PTR(fqdn(data))),
        RecordType::TXT => RData::TXT(TXT::from_bytes(data.as_bytes().chunks(255).collect())),
        RecordType::MX => {
            let (preference, host) = data.split_once(' ').unwrap();
            RData::MX(MX::new(preference.parse().unwrap(), fqdn(host)))
        }
        other => panic!("no zone has {other} records"),
    }
}

fn fqdn(name: &str) -> Name {
    Name::from_ascii(format!("{}.", name.trim_end_matches('.'))).unwrap()
}

fn plain(name: &Name) -> String {
    name.to_lowercase().to_ascii().trim_end_matches('.').to_owned()
}
