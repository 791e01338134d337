/**
 * Whether a missing program of a kind fails its tests, which are otherwise skipped. `.ci/run` asks for this by setting
 * `HTTP_CLIENT_REQUIRE_SERVERS` or `HTTP_CLIENT_REQUIRE_RUNTIMES` to 1.
 *
 * @param {'servers' | 'runtimes'} kind `servers` includes every program that `install-servers.sh` installs
 */
export function isRequired(kind) {
  return process.env[`HTTP_CLIENT_REQUIRE_${kind.toUpperCase()}`] === '1';
}
