//! A browser, as far as the server can tell: it says that it takes HTML, keeps cookies, and says where a form was sent from.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::world::World;

pub(crate) const HOST: &str = "reaper.example.com";

#[derive(Clone)]
pub(crate) struct Browser {
    pub(crate) router: Router,
    pub(crate) cookies: BTreeMap<String, String>,
    /// What it names as the origin of forms.
    pub(crate) origin: Option<String>,
}

/// A page as it came.
pub(crate) struct Shown {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) html: String,
}

impl Browser {
    pub(crate) fn new(router: &Router) -> Self {
        Self { router: router.clone(), cookies: BTreeMap::new(), origin: Some(format!("https://{HOST}")) }
    }

    /// Signed in with a token.
    pub(crate) async fn of(world: &World, token: &str) -> Self {
        let mut browser = Self::new(&world.router);
        let answer = browser.post("/sign-in", &[("token", token), ("next", "/held")]).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/held"));
        browser
    }

    pub(crate) async fn get(&mut self, path: &str) -> Shown {
        self.send(Method::GET, path, None).await
    }

    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Shown {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send(Method::POST, path, Some(body)).await
    }

    /// Sends a form as its page has it, with what the page hides in it.
    pub(crate) async fn submit(&mut self, page: &str, path: &str, fields: &[(&str, &str)]) -> Shown {
        let token = self.get(page).await.form_token();
        self.post(path, &[fields, &[("form_token", token.as_str())]].concat()).await
    }

    pub(crate) async fn send(&mut self, method: Method, path: &str, body: Option<String>) -> Shown {
        let mut request = Request::builder().method(method).uri(path).header("host", HOST);
        request = request.header("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        if !self.cookies.is_empty() {
            let pairs: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header("cookie", pairs.join("; "));
        }
        if let Some(origin) = self.origin.as_ref().filter(|_| body.is_some()) {
            request = request.header("origin", origin);
        }
        if body.is_some() {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        let request = request.body(body.map_or_else(Body::empty, Body::from)).unwrap();
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        self.keep(&parts.headers);
        let html = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        Shown { status: parts.status, headers: parts.headers, html }
    }

    fn keep(&mut self, headers: &HeaderMap) {
        for cookie in headers.get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            let (name, rest) = cookie.split_once('=').unwrap();
            match rest.split(';').next().unwrap() {
                "" => self.cookies.remove(name),
                value => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
    }
}

impl Shown {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// What the first form of the page hides.
    pub(crate) fn form_token(&self) -> String {
        let (_, rest) = self.html.split_once(r#"name="form_token" value=""#).unwrap();
        rest.split('"').next().unwrap().to_owned()
    }

    /// The first heading, without markup.
    pub(crate) fn heading(&self) -> String {
        let (_, rest) = self.html.split_once("<h1>").unwrap();
        let mut text = String::new();
        let mut inside = true;
        for c in rest.split("</h1>").next().unwrap().chars() {
            match c {
                '<' => inside = false,
                '>' => inside = true,
                c if inside => text.push(c),
                _ => {}
            }
        }
        text.trim().to_owned()
    }
}
