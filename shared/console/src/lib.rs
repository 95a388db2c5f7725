//! The console pages: what a browser is shown at `/`, and how people sign in.
//!
//! Pages are made of what the history answers and hold no logic of their own. They work without JavaScript; the one script
//! adds keys and the viewer's time zone. A handler says who may see a page in its first parameter: [`Viewer`] or
//! [`Approver`]; what a form sends is read by [`Form`] alone, which refuses forms that are not ours.
//!
//! The functions mount pages with [`Console::around`]; [`entrance`] has those that belong to no function: signing in and
//! out, the stylesheet, the help.

mod address;
mod assets;
pub mod cluster;
mod cookie;
mod element;
mod entrance;
mod events;
mod form;
pub mod held;
mod help;
pub mod history;
pub mod identity;
mod issuer;
mod layout;
pub mod leftovers;
mod moment;
pub mod overview;
mod own_origin;
pub mod pair;
mod pairs;
mod problem;
mod session;
mod text;
mod time;
mod timeline;
mod visitor;

use std::sync::Arc;

use axum::extract::Extension;
use http_api::ProblemPage;
use jiff::SignedDuration;
use revocation::Config;
use utoipa_axum::router::OpenApiRouter;

pub use entrance::entrance;
pub use form::Form;
pub use layout::Page;
pub use moment::Moment;
pub use visitor::{Approver, Viewer, Visitor};

use session::Keys;

/// What all pages share. Cheap to clone.
#[derive(Clone)]
pub struct Console(Arc<Inner>);

struct Inner {
    /// Absent: nobody can sign in.
    keys: Option<Keys>,
    /// The address that browsers see, where it is not the one that they name in `Host`.
    origin: Option<String>,
    /// Where people sign in who have no token, as they are told of it.
    issuer: Option<String>,
    /// How long a session lasts.
    session: SignedDuration,
}

impl Console {
    /// As configured. Without a key nobody can sign in: a key of one process is worth nothing to the next.
    pub fn new(config: &Config) -> Self {
        let key = config.console.session_key.as_ref();
        Self::with_keys(config, key.map(|key| Keys::derive(key.expose().as_bytes())))
    }

    /// The same for the only process that there is: where no key is configured, one is made that lasts as long as the
    /// process.
    pub fn of_one_process(config: &Config) -> Self {
        match &config.console.session_key {
            Some(_) => Self::new(config),
            None => Self::with_keys(config, Some(Keys::random())),
        }
    }

    fn with_keys(config: &Config, keys: Option<Keys>) -> Self {
        let Config { console, api, .. } = config;
        let origin = console.origin.as_ref().map(|origin| origin.trim_end_matches('/').to_ascii_lowercase());
        let issuer = api.oidc.issuer.as_ref().filter(|_| api.oidc.client_id.is_some());
        let host = |issuer: &String| {
            let (_, rest) = issuer.split_once("://").unwrap_or_default();
            rest.split('/').next().unwrap_or_default().to_owned()
        };
        let session = SignedDuration::from_hours(console.session_hours.into());
        Self(Arc::new(Inner { keys, origin, issuer: issuer.map(host), session }))
    }

    /// Puts what pages need around their routes.
    #[must_use]
    pub fn around<S: Clone + Send + Sync + 'static>(&self, pages: OpenApiRouter<S>) -> OpenApiRouter<S> {
        pages.layer(Extension(self.clone()))
    }

    /// How a browser is told of a problem: who is not signed in is asked to, everybody else sees what happened.
    pub fn problem_page(&self) -> ProblemPage {
        let console = self.clone();
        Arc::new(move |refused| problem::page(&console, refused))
    }
}
