use std::net::SocketAddr;

use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use keyward_stack::folder::{self, Scratch};
use s3s::{
    auth::SimpleAuth,
    service::{S3Service, S3ServiceBuilder},
};
use s3s_fs::FileSystem;
use tokio::{net::TcpListener, task::JoinSet};

use crate::{Options, world::objects_below};

const NAME: &str = "pictures";
const PREFIX: &str = "of/keyward";
const ACCESS_KEY: &str = "keyward";
const SECRET_KEY: &str = "test-secret";

/// A bucket for one test, on a server with the S3 API. Its objects can be read without credentials at a
/// second address, as in a public bucket.
pub struct Bucket {
    folder: Scratch,
    address: SocketAddr,
    public: SocketAddr,
    private_server: JoinSet<()>,
    _public_server: JoinSet<()>,
}

impl Bucket {
    /// An empty bucket.
    pub async fn new() -> Self {
        let folder = folder::scratch("bucket").unwrap();
        std::fs::create_dir(folder.path().join(NAME)).unwrap();
        let (address, private_server) = serve(&folder, 0, true).await;
        let (public, public_server) = serve(&folder, 0, false).await;
        Self { folder, address, public, private_server, _public_server: public_server }
    }

    /// Options of a world that stores its pictures in the bucket.
    pub fn options(&self) -> Options {
        Options::default()
            .set("BLOB_URL", format!("s3://{NAME}/{PREFIX}"))
            .set("BLOB_S3_ENDPOINT", format!("http://{}", self.address))
            .set("BLOB_S3_ACCESS_KEY_ID", ACCESS_KEY)
            .set("BLOB_S3_SECRET_ACCESS_KEY", SECRET_KEY)
    }

    /// The public URL of its folder `avatars/`.
    pub fn public_url(&self) -> String {
        format!("http://{}/{NAME}/{PREFIX}/avatars", self.public)
    }

    /// The names of the objects, sorted.
    pub fn objects(&self) -> Vec<String> {
        objects_below(&self.folder.path().join(NAME).join(PREFIX))
    }

    /// The files of incomplete uploads.
    pub fn unfinished(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.folder.path()).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.contains("upload") && !name.starts_with(".bucket")).collect()
    }

    /// Closes all connections and refuses new ones until [`open`](Self::open).
    pub async fn close(&mut self) {
        self.private_server.shutdown().await;
    }

    /// Accepts connections again, at the same address and with the same objects.
    pub async fn open(&mut self) {
        self.private_server = serve(&self.folder, self.address.port(), true).await.1;
    }
}

async fn serve(folder: &Scratch, port: u16, is_private: bool) -> (SocketAddr, JoinSet<()>) {
    let mut builder = S3ServiceBuilder::new(FileSystem::new(folder.path()).unwrap());
    if is_private {
        builder.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
    }
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port))).await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut server = JoinSet::new();
    server.spawn(accept(listener, builder.build()));
    (address, server)
}

async fn accept(listener: TcpListener, service: S3Service) {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let service = service.clone();
        connections.spawn(async move {
            let server = Builder::new(TokioExecutor::new());
            // A client may disconnect.
            let _ = server.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}
