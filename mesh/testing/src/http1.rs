//! HTTP/1.1 by hand: requests as bytes, with nothing put right on their way.

use std::io;

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};

/// An answer as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The code of its status.
    pub code: u16,
    /// Its headers, their names in lower case.
    pub headers: Vec<(String, String)>,
    /// All of its body.
    pub body: Vec<u8>,
}

impl Answer {
    /// A header; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }
}

/// A connection that is kept for as long as the server keeps it.
#[derive(Debug)]
pub struct Line {
    address: String,
    socket: Option<BufReader<TcpStream>>,
}

impl Line {
    /// One to this host and port, made when it is needed.
    pub fn to(address: &str) -> Self {
        Self { address: address.to_owned(), socket: None }
    }

    /// Sends the bytes of a request, and reads the answer. A HEAD has none but its headers. Where a
    /// kept connection turns out to be closed it is sent on a new one, as clients do.
    pub async fn ask(&mut self, request: &[u8], is_head: bool) -> io::Result<Answer> {
        if let Some(kept) = self.socket.take()
            && let Ok(answer) = self.ask_on(kept, request, is_head).await
        {
            return Ok(answer);
        }
        let new = BufReader::new(TcpStream::connect(&self.address).await?);
        new.get_ref().set_nodelay(true)?;
        self.ask_on(new, request, is_head).await
    }

    async fn ask_on(
        &mut self,
        mut socket: BufReader<TcpStream>,
        request: &[u8],
        is_head: bool,
    ) -> io::Result<Answer> {
        // Who is refused halfway may be told so before he has said all.
        drop(socket.write_all(request).await);
        let mut answer = head(&mut socket).await?;
        if !is_head {
            answer.body = body(&mut socket, &answer).await?;
        }
        if answer.header("connection") != "close" {
            self.socket = Some(socket);
        }
        Ok(answer)
    }
}

async fn head(socket: &mut BufReader<TcpStream>) -> io::Result<Answer> {
    let first = line(socket).await?;
    let code = first.split(' ').nth(1).and_then(|code| code.parse().ok());
    let code = code.ok_or_else(|| strange(&first))?;
    let mut headers = vec![];
    loop {
        let line = line(socket).await?;
        if line.is_empty() {
            return Ok(Answer { code, headers, body: vec![] });
        }
        let (name, value) = line.split_once(':').ok_or_else(|| strange(&line))?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
}

async fn body(socket: &mut BufReader<TcpStream>, head: &Answer) -> io::Result<Vec<u8>> {
    let mut body = vec![];
    if head.header("transfer-encoding") == "chunked" {
        loop {
            let size = line(socket).await?;
            let size = u64::from_str_radix(&size, 16).map_err(|_| strange(&size))?;
            socket.take(size).read_to_end(&mut body).await?;
            line(socket).await?;
            if size == 0 {
                return Ok(body);
            }
        }
    }
    let length = head.header("content-length").parse().unwrap_or(0);
    if socket.take(length).read_to_end(&mut body).await? as u64 != length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(body)
}

async fn line(socket: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut line = String::new();
    if socket.read_line(&mut line).await? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn strange(line: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("no answer: {line}"))
}

#[cfg(test)]
mod tests {
    use tokio::{net::TcpListener, task::JoinSet};

    use super::*;

    /// Answers one connection with these bytes, whatever it says.
    async fn says(bytes: &'static [u8]) -> (JoinSet<()>, Line) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let line = Line::to(&listener.local_addr().unwrap().to_string());
        let mut server = JoinSet::new();
        server.spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            socket.write_all(bytes).await.unwrap();
            drop(socket.read_to_end(&mut vec![]).await);
        });
        (server, line)
    }

    #[tokio::test]
    async fn answers_follow_each_other_on_one_connection() {
        let (_server, mut line) = says(
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 404 No\r\n\
              transfer-encoding: chunked\r\n\r\n3\r\n{\"a\r\n3\r\n\":1\r\n0\r\n\r\n\
              HTTP/1.1 200 OK\r\ncontent-length: 7\r\nconnection: close\r\n\r\n",
        )
        .await;
        let first = line.ask(b"GET / HTTP/1.1\r\n\r\n", false).await.unwrap();
        assert_eq!((first.code, &first.body[..]), (200, &b"{}"[..]));
        let second = line.ask(b"GET / HTTP/1.1\r\n\r\n", false).await.unwrap();
        assert_eq!((second.code, &second.body[..]), (404, &b"{\"a\":1"[..]));
        let third = line.ask(b"HEAD / HTTP/1.1\r\n\r\n", true).await.unwrap();
        assert_eq!((third.header("content-length"), third.body.len()), ("7", 0));
        assert!(line.socket.is_none(), "the server has hung up");
    }

    #[tokio::test]
    async fn what_is_no_answer_is_an_error() {
        let (_server, mut line) = says(b"SMTP ready\r\n").await;
        assert!(line.ask(b"GET / HTTP/1.1\r\n\r\n", false).await.is_err());
    }
}
