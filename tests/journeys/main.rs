//! Whole stories over HTTP, with real processes and a real browser.
