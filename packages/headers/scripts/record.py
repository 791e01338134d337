"""Records how CPython parses field lines and parameters, and writes parameters, for the tests to compare with.

Run with Python 3.13: python3.13 scripts/record.py
Writes blocks.json, params.json and add-header.json to src/testdata. All text in the first, and the values parsed in the
second, represent bytes (ISO-8859-1).
"""

import argparse
import io
import itertools
import json
import pathlib
import random
import sys
from email.message import Message
from email.utils import collapse_rfc2231_value
from http.client import HTTPMessage, parse_headers

argparse.ArgumentParser().parse_args()  # It takes no arguments, and writes files.

TESTDATA = pathlib.Path(__file__).parent.parent / 'src' / 'testdata'


def write(name, rows):
    path = TESTDATA / name
    path.parent.mkdir(exist_ok=True)
    lines = ',\n'.join(json.dumps(row) for row in rows)
    path.write_text(f'[\n{lines}\n]\n')
    print(name, len(rows))


# --- Blocks ---------------------------------------------------------------------------------------------------------

NAMES = ['A', 'content-type', "!#$%&'*+-.^_`|~0", 'a(b)', 'a"b', '', 'A ', 'A\t', ' A', 'a b', '\xe9', 'a\x00', 'a\x7f', 'From']
VALUES = ['', '1', ' 1', '\t 1 \t', 'a:b', ' a\x00b', ' \x01\x1f\x7f', ' caf\xe9 \xa0\x85', ' a\x0bb\x0cc\x1cd\x1de\x1ef', 'x\ry', 'x\r\ry', '\r', ' \r z']
ENDS = ['\r\n', '\n', '\r\r\n']
FOLDS = ['\r\n b', '\n\tb', ' \r\n  b  ', '\r\n \r\n c', '\r b', '\r\n ', '\r\n \t \r\n\t']
LINES = ['no colon', 'From x', 'From x: y', 'From: z', ': nameless', ' fold', '\tfold: x', 'B : 2', 'B: 2', '\r', ' ', 'b@c: 3', '>x: 4']

WRITTEN = [
    '', '\r\n', '\n', '\r', '\r\r\n', 'A', 'A:', 'A: 1', 'A: 1\r', 'A: 1\n', 'A: 1\r\n', 'A: 1\r\n ', 'A: 1\r\nB', 'A: 1\r\n\r',
    'A: 1\r\n\r\nrest', 'A: 1\n\nrest', 'A: 1\n\r\nrest', 'A: 1\r\n\nrest', 'A: 1\r\rB: 2\r\n\r\nrest',
    'From a\r\nA: 1\r\n\r\n', 'From a\r\nFrom b\r\nA: 1\r\n\r\n', 'A: 1\r\nFrom b\r\nFrom c\r\n\r\n', 'From a\r\n b\r\nA: 1\r\n\r\n',
    'A: 1\r\nFrom b\r\n c\r\nB: 2\r\n\r\n', 'A: 1\r\nFrom b\r\nno\r\nC: 1\r\n\r\n', 'From a\r\n\r\n', 'From \r\nFrom \r\n\r\n',
    ' a\r\n b\r\nA: 1\r\n c\r\n\r\n', ': a\r\n b\r\nA: 1\r\n\r\n', 'A: 1\r\n: b\r\n c\r\n\r\n', '::\r\n\r\n', 'A::\r\n\r\n',
    'Content-Type: multipart/mixed\r\n\r\n', 'Content-Type: multipart/mixed; boundary=x\r\n\r\n',
    'Content-Type: message/rfc822\r\nno\r\nB: 1\r\n\r\n', 'A: ' + 'x' * 9000 + '\r\n ' + 'y' * 9000 + '\r\nB: 1\r\n\r\n',
    'A: 1\r\n' * 60 + '\r\n',
]


def blocks():
    yield from WRITTEN
    for name, value in itertools.product(NAMES, VALUES):
        yield f'{name}:{value}\r\nB: 2\r\n\r\n'
    for end, fold in itertools.product(ENDS, FOLDS):
        yield f'A: a{fold}{end}B: 2{end}\r\n'
        yield f'A:{fold}{end}\r\n'
    for before, after in itertools.product(LINES, LINES):
        yield f'{before}\r\n{after}\r\nZ: 1\r\n\r\n'
    pick = random.Random(1)
    for _ in range(300):
        parts = []
        for _ in range(pick.randint(1, 5)):
            line = pick.choice(LINES) if pick.random() < 0.3 else pick.choice(NAMES) + ':' + pick.choice(VALUES)
            parts.append(line + (pick.choice(FOLDS) if pick.random() < 0.3 else '') + pick.choice(ENDS))
        yield ''.join(parts) + pick.choice(['\r\n', '\n', '\r\nrest', '', '\r'])


def block_row(text):
    stream = io.BytesIO(text.encode('latin-1'))
    message = parse_headers(stream)
    return {
        'input': text,
        'fields': message.items(),
        'defects': [type(defect).__name__ for defect in message.defects],
        'rest': stream.read().decode('latin-1'),
    }


# --- Parameters -----------------------------------------------------------------------------------------------------

STARTS = ['text/plain', 'TEXT/Html ', '', 'attachment', 'text', 'a/b/c', 'text/', ' inline\t', '"quoted/type"', '<a/b>', 'a=b', 'x\xc9/y']
PARAMS = [
    'charset=utf-8', 'CharSet="ISO-8859-1"', 'charset', 'charset=', 'charset=""', 'charset=<us-ascii>', "charset=''", 'charset=\xe9',
    "charset*=us-ascii'en'UTF-8", "charset*=utf-8''%C3%A9", 'charset*=latin', "charset*=''koi8-r",
    'boundary=abc', 'boundary="a b "', 'boundary=" a;b "', 'boundary="\\"x\\""', "boundary*=utf-8''a%20 ",
    'filename=x.txt', 'filename="a\\"b\\\\c.txt"', 'filename="\\\\"', 'filename="a;b=c"', 'filename="unclosed; x=1', 'filename=\xe9.txt',
    "filename*=utf-8''na%C3%AFve%20%e2%82%ac.txt", "filename*=UTF-8'en'%41%zz%4", "filename*=iso-8859-1''%A3%80", "filename*=us-ascii''%41%FF",
    "filename*=utf-8''%ff%e2%82x%f0%9f", "filename*=x-unknown''%41%e9", "filename*=koi8-r''%c1%c2",
    'filename*="utf-8\'\'%41"', 'filename*=plain%41', "filename*=utf-8'%41", "filename*=utf-8''a'b''c",
    'filename*0=a; filename*1=b', 'filename*1=b; filename*0=a', 'filename*10=c; filename*2=b; filename*1=a',
    "filename*0*=utf-8''%C3; filename*1*=%A9; filename*2=%41", 'filename*0="a "; filename*1=" b"', "filename*1*=utf-8''x; filename*1=w",
    'filename*00=z', 'filename**=x', 'filename*x=1', 'file-name*=utf-8\'\'x', '*=x', '*0=x', 'filename *=x', '\xe9*=y',
    'name=n.txt', 'Name="N \\"q\\".txt"', "name*=utf-8''%C3%A9", '', ' ', '=', '=x', 'a = b ', 'a="b"c', 'a=b=c', 'q=1;;q=2', ';', '"', '\\"', 'a="b\\', '\xa0b\xa0=\xa0c\xa0',
    '__proto__=1', 'constructor', 'x=<y', 'x=<', 'x="', 'x=">', 'A=1; a=2; A=3',
]
# Not combined with others: codecs differ in how they decode half a character, which has nothing to do with parameters.
ALONE = ["filename*=shift_jis''%82%a0", "filename*=utf-16le''a%00b%00", "filename*=utf-8''%EF%BB%BFx"]


def params():
    for start in STARTS:
        yield start
    for start, param in itertools.product(['text/plain', 'attachment'], PARAMS + ALONE):
        yield f'{start}; {param}'
    for param in PARAMS:
        yield param
    pick = random.Random(2)
    for _ in range(300):
        yield ';'.join([pick.choice(STARTS)] + [pick.choice(PARAMS) for _ in range(pick.randint(1, 4))])


def attempt(function):
    try:
        return function()
    except (TypeError, ValueError, LookupError) as error:
        return {'raises': type(error).__name__}


def plain(value):
    return collapse_rfc2231_value(value) if isinstance(value, tuple) else value


def changed(value, change):
    message = HTTPMessage()
    message['X'] = value
    change(message)
    return message.items()


def param_row(value):
    message = HTTPMessage()
    message['Content-Type'] = value
    message['Content-Disposition'] = value
    return {
        'value': value,
        'type': message.get_content_type(),
        'main': message.get_content_maintype(),
        'sub': message.get_content_subtype(),
        'disposition': message.get_content_disposition(),
        'params': attempt(lambda: [(name, plain(text)) for name, text in message.get_params()]),
        'charset': attempt(message.get_content_charset),
        'boundary': attempt(message.get_boundary),
        'filename': attempt(message.get_filename),
        'setCharset': attempt(lambda: changed(value, lambda m: m.set_param('charset', 'x"y', 'X'))),
        'setFilename': attempt(lambda: changed(value, lambda m: m.set_param('FileName', 'na\xefve \u20ac.txt', 'X'))),
        'delete': attempt(lambda: changed(value, lambda m: m.del_param('Filename', 'X'))),
    }


ADDED = [
    ['attachment', {}], [None, {}], ['attachment', {'filename': 'bud.gif'}], ['attachment', {'foo_bar': None, 'a_b_c': 'x'}],
    [None, {'a': 'b', 'c': 'd'}], ['', {'a': 'b'}], ['x', {'a': ''}], ['x', {'a': 'say "hi" \\ now'}], ['x', {'a': 'Fu\xdfballer.ppt'}],
    ['x', {'a': '\u20ac \U0001f600'}], ['x', {'a': "\xe9!*'()~-._ \r\n%;=/@"}], ['x', {'a*': "utf-8''b"}], ['x; y=1', {'z': '2'}],
]


def add_row(value, added):
    message = Message()
    message.add_header('X', value, **added)
    return {'value': value, 'params': added, 'result': message['X']}


def once(rows):
    return list(dict.fromkeys(rows))


if sys.version_info[:2] != (3, 13):
    sys.exit('The recordings are of Python 3.13.')
write('blocks.json', [block_row(text) for text in once(blocks())])
write('params.json', [param_row(value) for value in once(params())])
write('add-header.json', list(itertools.starmap(add_row, ADDED)))
