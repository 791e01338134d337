import type {
  ConnectionState,
  HTTPConnection,
  HTTPResponse,
  LogicalState,
  Transport,
} from '@http-client/client';

/** For each state of a connection, the one with an unread response in addition. */
const WITH_UNREAD: Readonly<Record<ConnectionState, LogicalState>> = {
  Idle: 'Unread-response',
  'Request-started': 'Request-started-unread-response',
  'Request-sent': 'Request-sent-unread-response',
};

/**
 * Distinguishes the six logical states of a connection, which itself reports three: the difference is whether its last
 * response is unread and still on its transport.
 */
export class StateObserver {
  readonly #connection: HTTPConnection;
  #response: HTTPResponse | undefined;
  /** The transport of the response. */
  #transport: Transport | undefined;

  constructor(connection: HTTPConnection) {
    this.#connection = connection;
  }

  /** To be called with each response that the connection returns. */
  answered(response: HTTPResponse): void {
    this.#response = response;
    this.#transport = this.#connection.transport;
  }

  get state(): LogicalState {
    const { state, transport } = this.#connection;
    // A response that is the last on its transport owns it: it does not affect the connection.
    const isUnread =
      this.#response !== undefined &&
      !this.#response.closed &&
      !this.#response.willClose &&
      (transport === undefined || transport === this.#transport);
    return isUnread ? WITH_UNREAD[state] : state;
  }
}
