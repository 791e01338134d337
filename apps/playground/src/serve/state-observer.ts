import type {
  ConnectionState,
  HTTPConnection,
  HTTPResponse,
  LogicalState,
  Transport,
} from '@http-client/client';

/** The state with an unread response beside the one that a connection shows. */
const WITH_UNREAD: Readonly<Record<ConnectionState, LogicalState>> = {
  Idle: 'Unread-response',
  'Request-started': 'Request-started-unread-response',
  'Request-sent': 'Request-sent-unread-response',
};

/**
 * Tells the six states of a connection, which shows three: the other half is whether its last response is still unread,
 * and still on its transport.
 */
export class StateObserver {
  readonly #connection: HTTPConnection;
  #response: HTTPResponse | undefined;
  /** What the response comes over. */
  #transport: Transport | undefined;

  constructor(connection: HTTPConnection) {
    this.#connection = connection;
  }

  /** The connection has handed out a response. */
  answered(response: HTTPResponse): void {
    this.#response = response;
    this.#transport = this.#connection.transport;
  }

  get state(): LogicalState {
    const { state, transport } = this.#connection;
    // A response that is the last on its transport owns it, and the connection is free of it.
    const isUnread =
      this.#response !== undefined &&
      !this.#response.closed &&
      !this.#response.willClose &&
      (transport === undefined || transport === this.#transport);
    return isUnread ? WITH_UNREAD[state] : state;
  }
}
