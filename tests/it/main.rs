//! Each command, query and job through the public surface, with real servers. The files have the
//! names of what they test.

mod commands;
mod jobs;
mod queries;
