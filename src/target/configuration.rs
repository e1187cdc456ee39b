//! Configuration of the driver for a server, made of the URL's parameters.

use super::TargetError;
use crate::connection::{Host, PostgresTarget, TlsMode};
use secrecy::ExposeSecret;
use tokio_postgres::Config;
use tokio_postgres::config::SslMode;

/// Keepalives that notice a lost connection within a minute, unless the URL sets its own; parameters of tokio-postgres.
const KEEPALIVES: &str = "keepalives_idle='30' keepalives_interval='10' keepalives_retries='3' ";

/// Configuration for tokio-postgres. The connector that goes with it decides whether certificates are checked.
///
/// # Errors
/// The driver does not take a parameter.
pub(super) fn configuration(target: &PostgresTarget) -> Result<Config, TargetError> {
    let mut others = KEEPALIVES.to_owned();
    for (name, value) in &target.others {
        let name = if *name == "keepalives_count" { "keepalives_retries" } else { name };
        // In libpq's milliseconds (PostgreSQL documentation, section 34.1.2), and in tokio-postgres' seconds.
        let seconds = |value: &str| value.parse::<u64>().map(|value| value.div_ceil(1000).to_string());
        let value =
            if name == "tcp_user_timeout" { seconds(value).unwrap_or_else(|_| value.clone()) } else { value.clone() };
        let value = value.replace('\\', "\\\\").replace('\'', "\\'");
        others.push_str(&format!("{name}='{value}' "));
    }
    // tokio-postgres' messages name the parameter and never its value.
    let config = others.parse::<Config>();
    let mut config = config.map_err(|error| TargetError::connect(target.redacted(), &error))?;
    for address in &target.hosts {
        match &address.host {
            Host::Tcp(name) => config.host(name.as_str()),
            Host::Unix(directory) => config.host_path(directory),
        };
        config.port(address.port);
    }
    if let Some(user) = &target.user {
        config.user(user.as_str());
    }
    if let Some(password) = &target.password {
        config.password(password.expose_secret());
    }
    config.dbname(target.database.as_str()).application_name(target.application_name.as_str());
    config.ssl_mode(match target.tls {
        TlsMode::Disable => SslMode::Disable,
        TlsMode::Prefer => SslMode::Prefer,
        TlsMode::Require | TlsMode::VerifyCa | TlsMode::VerifyFull => SslMode::Require,
    });
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::{RootCertificates, TargetConnection, parse_target_url};
    use std::path::Path;
    use tokio_postgres::config::Host as ConfigHost;

    fn parse(url: &str) -> PostgresTarget {
        match parse_target_url(url, Path::new("base")).unwrap() {
            TargetConnection::Postgres(target) => target,
            other => panic!("{other:?} is no server"),
        }
    }

    #[test]
    fn everything_reaches_the_configuration() {
        let target = parse(
            "postgresql://us%40r:p%40%2F%23%25%3A@h1,[::1]:5433/my%20db?sslmode=verify-full&sslrootcert=ca.pem\
             &connect_timeout=7&options=-c%20work_mem%3D'4MB'&keepalives_count=3&application_name=me",
        );
        assert_eq!(target.redacted(), "postgres://us%40r:***@h1:5432,[::1]:5433/my%20db");
        assert_eq!(target.tls, TlsMode::VerifyFull);
        assert_eq!(target.root_certificates, RootCertificates::File("base/ca.pem".into()));
        let config = configuration(&target).unwrap();
        assert_eq!(config.get_user(), Some("us@r"));
        assert_eq!(config.get_password(), Some(&b"p@/#%:"[..]));
        assert_eq!(config.get_dbname(), Some("my db"));
        assert_eq!(config.get_hosts(), [ConfigHost::Tcp("h1".into()), ConfigHost::Tcp("::1".into())]);
        assert_eq!(config.get_ports(), [5432, 5433]);
        assert_eq!(config.get_ssl_mode(), SslMode::Require);
        assert_eq!(config.get_options(), Some("-c work_mem='4MB'"));
        assert_eq!(config.get_connect_timeout().map(std::time::Duration::as_secs), Some(7));
        assert_eq!(config.get_keepalives_retries(), Some(3));
        assert_eq!(config.get_application_name(), Some("me"));
        for shown in [format!("{target:?}"), format!("{config:?}")] {
            assert!(!shown.contains("p@/"), "{shown}");
        }
    }

    #[test]
    fn a_connection_that_is_cut_off_is_noticed_unless_the_url_says_otherwise() {
        let seconds = |url: &str| {
            let config = configuration(&parse(url)).unwrap();
            let interval = config.get_keepalives_interval().map_or(0, |interval| interval.as_secs());
            let timeout = config.get_tcp_user_timeout().map_or(0, std::time::Duration::as_secs);
            (config.get_keepalives(), config.get_keepalives_idle().as_secs(), interval, timeout)
        };
        assert_eq!(seconds("postgres://h/db"), (true, 30, 10, 0));
        let url = "postgres://h/db?keepalives=0&keepalives_idle=600&tcp_user_timeout=2500";
        assert_eq!(seconds(url), (false, 600, 10, 3));
    }

    /// The driver has to take every value that [`crate::connection`] takes: a spec that was checked connects.
    #[test]
    fn the_driver_takes_every_value_that_a_url_may_have() {
        for parameter in [
            "sslnegotiation=direct",
            "hostaddr=::1",
            "connect_timeout=0",
            "connect_timeout=-1",
            "tcp_user_timeout=-1",
            "keepalives=1",
            "keepalives_idle=-1",
            "keepalives_interval=9223372036854775807",
            "keepalives_count=4294967295",
            "target_session_attrs=read-only",
            "channel_binding=require",
            "load_balance_hosts=random",
            "options=\\'\"",
        ] {
            configuration(&parse(&format!("postgres://h/db?{parameter}"))).unwrap();
        }
    }
}
