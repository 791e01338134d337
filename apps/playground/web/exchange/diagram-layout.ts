import type { Hello } from '../../src/serve/api.js';

export type Transitions = Hello['transitions'];
export type State = keyof Transitions;

/** A rectangle. `x` and `y` are its centre. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A line from one state to another, labelled with the events that lead along it. */
export interface Edge {
  readonly from: State;
  readonly to: State;
  readonly events: readonly string[];
  readonly path: string;
  readonly label: { readonly x: number; readonly y: number; readonly anchor: 'start' | 'middle' | 'end' };
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly boxes: Readonly<Record<State, Box>>;
  readonly edges: readonly Edge[];
}

/** The position of each state: how far the request is, and whether a response is unread. */
const PLACES: Readonly<Record<State, readonly [request: number, unread: number]>> = {
  Idle: [0, 0],
  'Request-started': [1, 0],
  'Request-sent': [2, 0],
  'Unread-response': [0, 1],
  'Request-started-unread-response': [1, 1],
  'Request-sent-unread-response': [2, 1],
};

/** How far a loop extends from its state. */
const LOOP = 26;

/** Lays out the table of transitions: horizontally, or `standing` for a narrow page. */
export function layoutOf(transitions: Transitions, standing: boolean): Layout {
  const size = standing ? { width: 138, height: 46 } : { width: 148, height: 46 };
  const [along, across] = standing ? [132, 200] : [246, 138];
  const margin = standing ? { x: 8, top: 12, bottom: 48 } : { x: 12, top: 52, bottom: 52 };
  const states = Object.keys(PLACES) as State[];
  const boxes = Object.fromEntries(
    states.map((state) => {
      const [request, unread] = PLACES[state];
      const [column, row] = standing
        ? [unread * across, request * along]
        : [request * along, unread * across];
      return [
        state,
        { x: margin.x + size.width / 2 + column, y: margin.top + size.height / 2 + row, ...size },
      ];
    }),
  ) as Record<State, Box>;
  const far = boxes['Request-sent-unread-response'];
  return {
    width: far.x + size.width / 2 + margin.x,
    height: far.y + size.height / 2 + margin.bottom,
    boxes,
    edges: edgesOf(transitions).map(({ from, to, events }) => ({
      from,
      to,
      events,
      ...lineOf(boxes[from], boxes[to], PLACES[from][1] === 0, standing),
    })),
  };
}

/** The events that lead to the same state from every state. They have no lines, as in the documents' diagram. */
export function everywhere(transitions: Transitions): [event: string, to: State][] {
  const [first, ...others] = Object.values(transitions);
  return Object.entries(first ?? {}).filter(([event, to]) => others.every((row) => row[event] === to));
}

function edgesOf(transitions: Transitions): { from: State; to: State; events: string[] }[] {
  const common = everywhere(transitions).map(([event]) => event);
  const edges: { from: State; to: State; events: string[] }[] = [];
  for (const [from, row] of Object.entries(transitions) as [State, Transitions[State]][]) {
    for (const [event, to] of Object.entries(row)) {
      if (common.includes(event)) continue;
      const edge = edges.find((each) => each.from === from && each.to === to);
      if (edge === undefined) edges.push({ from, to, events: [event] });
      else edge.events.push(event);
    }
  }
  return edges;
}

type Line = Pick<Edge, 'path' | 'label'>;

function lineOf(from: Box, to: Box, isFirst: boolean, standing: boolean): Line {
  if (from === to) return standing ? sideLoop(from, isFirst) : loop(from, isFirst);
  if (from.y === to.y) return acrossLine(from, to);
  if (from.x === to.x) return downLine(from, to, standing && !isFirst);
  return standing ? between(from, to) : bend(from, to);
}

/** A loop above a state of the first row, or below one of the second. */
function loop({ x, y, height }: Box, isFirst: boolean): Line {
  const edge = isFirst ? y - height / 2 : y + height / 2;
  const off = isFirst ? edge - LOOP : edge + LOOP;
  return {
    path: `M${x - 20} ${edge} C${x - 20} ${off} ${x + 20} ${off} ${x + 20} ${edge}`,
    label: { x, y: isFirst ? edge - 26 : edge + 36, anchor: 'middle' },
  };
}

/** A loop below a state, near its outer side: the line to the next state leaves from its middle. */
function sideLoop({ x, y, width, height }: Box, isFirst: boolean): Line {
  const side = isFirst ? -1 : 1;
  const at = x + side * (width / 2 - 26);
  const edge = y + height / 2;
  return {
    path: `M${at - 14} ${edge} C${at - 14} ${edge + LOOP} ${at + 14} ${edge + LOOP} ${at + 14} ${edge}`,
    label: { x: x + (side * width) / 2, y: edge + 36, anchor: isFirst ? 'start' : 'end' },
  };
}

function acrossLine(from: Box, to: Box): Line {
  const sign = Math.sign(to.x - from.x);
  const [start, end] = [from.x + (sign * from.width) / 2, to.x - (sign * to.width) / 2];
  return {
    path: `M${start} ${from.y} L${end} ${to.y}`,
    label: { x: (start + end) / 2, y: from.y - 8, anchor: 'middle' },
  };
}

function downLine(from: Box, to: Box, labelledLeft: boolean): Line {
  const sign = Math.sign(to.y - from.y);
  const [start, end] = [from.y + (sign * from.height) / 2, to.y - (sign * to.height) / 2];
  return {
    path: `M${from.x} ${start} L${to.x} ${end}`,
    label: {
      x: labelledLeft ? from.x - 8 : from.x + 8,
      y: (start + end) / 2 + 4,
      anchor: labelledLeft ? 'end' : 'start',
    },
  };
}

/** A line from side to side, along the gap between the columns, next to the lines that cross it. */
function between(from: Box, to: Box): Line {
  const [right, down] = [Math.sign(to.x - from.x), Math.sign(to.y - from.y)];
  const [x1, y1] = [from.x + (right * from.width) / 2, from.y + down * 12];
  const [x2, y2] = [to.x - (right * to.width) / 2, to.y - down * 12];
  const middle = (x1 + x2) / 2;
  return {
    path: `M${x1} ${y1} C${middle} ${y1} ${middle} ${y1} ${middle} ${y1 + down * 20} L${middle} ${y2 - down * 20} C${middle} ${y2} ${middle} ${y2} ${x2} ${y2}`,
    // Above the labels of the lines on either side, which fill the gap.
    label: { x: middle, y: y1 + (y2 - y1) * 0.3, anchor: 'middle' },
  };
}

/** A line from corner to corner, vertical at both ends. */
function bend(from: Box, to: Box): Line {
  const [right, down] = [Math.sign(to.x - from.x), Math.sign(to.y - from.y)];
  const [x1, y1] = [from.x + (right * from.width) / 4, from.y + (down * from.height) / 2];
  const [x2, y2] = [to.x - (right * to.width) / 4, to.y - (down * to.height) / 2];
  const middle = (y1 + y2) / 2;
  return {
    path: `M${x1} ${y1} C${x1} ${middle} ${x1} ${middle} ${x1 + right * 30} ${middle} L${x2 - right * 30} ${middle} C${x2} ${middle} ${x2} ${middle} ${x2} ${y2}`,
    label: { x: x1 + ((x2 - x1) * 1) / 4, y: middle - 7, anchor: 'middle' },
  };
}
