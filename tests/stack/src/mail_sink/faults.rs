//! What the sink does wrong on request, and the end of a mail.

use super::{
    behaviour::{Action, Bytes, Stage, Stored},
    mailbox::Attempt,
    replies::{self, Next},
    smtp::{LARGEST_BYTES, Session},
};

impl Session {
    /// The content is complete: stores it, or applies the fault.
    pub(super) fn finish(&mut self, content: Vec<u8>) -> Next {
        let is_due = |action: &Action| {
            is_at(action, Stage::Final) || matches!(action, Action::DropAfterDot(_))
        };
        let action = self.mailbox.due(&self.to, is_due);
        let takes = match &action {
            None => content.len() <= LARGEST_BYTES,
            Some(
                Action::Silent(_, stored)
                | Action::Reset(_, stored)
                | Action::DropAfterDot(stored)
                | Action::Bytes(_, Bytes { stored, .. }),
            ) => *stored == Stored::Yes,
            Some(_) => false,
        };
        let kept = takes.then(|| self.mailbox.keep(self.to.clone(), content));
        let next = match (action, kept) {
            (Some(Action::DropAfterDot(_)), _) => Next::Close,
            (Some(action), _) => fault(action),
            (None, Some(Ok(mail))) => Next::Say(format!("250 2.0.0 kept as {}", mail.id)),
            (None, Some(Err(_))) => Next::Say("452 4.3.1 cannot store the mail".into()),
            (None, None) => Next::Say(replies::TOO_LARGE.into()),
        };
        self.note(Stage::Final, &next);
        self.reset();
        next
    }

    /// Applies the fault of this stage, or replies with `fine`.
    pub(super) fn at(&self, stage: Stage, fine: impl FnOnce() -> String) -> Next {
        let Some(action) = self.mailbox.due(&self.to, |action| is_at(action, stage)) else {
            return Next::Say(fine());
        };
        let next = fault(action);
        self.note(stage, &next);
        next
    }

    /// Whether a rule for all mail has a fault at this stage.
    pub(super) fn is_due(&self, stage: Stage) -> bool {
        self.mailbox.rules().iter().any(|rule| is_at(&rule.action, stage))
    }

    pub(super) fn requires_tls(&self) -> bool {
        self.mailbox.rules().iter().any(|rule| rule.action == Action::TlsRequired)
    }

    /// Whether a client may call itself this.
    pub(super) fn takes(&self, name: &str) -> bool {
        let strictness = self.mailbox.rules().into_iter().find_map(|rule| match rule.action {
            Action::StrictHelo { literals } => Some(literals),
            _ => None,
        });
        match strictness {
            None => true,
            Some(literals) if name.starts_with('[') => literals,
            Some(_) => name.contains('.') && !name.ends_with(|c: char| c.is_ascii_digit()),
        }
    }

    fn note(&self, stage: Stage, next: &Next) {
        self.mailbox.note(Attempt {
            at_ms: 0,
            helo: self.helo.clone(),
            from: self.from.clone().unwrap_or_default(),
            to: self.to.clone(),
            stage,
            reply: next.text(),
        });
    }
}

/// Whether an action is a fault at this stage.
fn is_at(action: &Action, stage: Stage) -> bool {
    match action {
        Action::Reply(at, _)
        | Action::Bytes(at, _)
        | Action::Silent(at, _)
        | Action::Reset(at, _) => *at == stage,
        _ => false,
    }
}

fn fault(action: Action) -> Next {
    match action {
        Action::Reply(_, line) => Next::Say(line),
        Action::Bytes(_, bytes) => Next::Write(bytes),
        Action::Reset(..) => Next::Reset,
        _ => Next::Hang,
    }
}
