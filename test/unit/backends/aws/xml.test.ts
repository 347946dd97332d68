import { array, assert, constantFrom, property } from 'fast-check';
import { expect, test } from 'vitest';
import { childOf, childText, parseXml, XmlFault } from '../../../../src/backends/aws/xml.ts';

test('elements, attributes, entities, comments', () => {
  const root = parseXml(
    `<?xml version="1.0" encoding='UTF-8'?>\n<!-- a - b -->\n<a xmlns="https://x/"><b>1 &lt; 2 &amp;&#33;&#x1F600;</b><c/><b2 x='1' y = "2"></b2></a>\n`,
  );
  expect(childText(root, 'b')).toBe('1 < 2 &!😀');
  expect(childText(root, 'c')).toBe('');
  expect(root.children.map(({ name }) => name)).toEqual(['b', 'c', 'b2']);
});

test('a child that is there twice, or has children, has no text', () => {
  const root = parseXml('<a><b>1</b><b>2</b><c><d>3</d></c></a>');
  expect([childText(root, 'b'), childText(root, 'c'), childOf(root, 'b')]).toEqual([undefined, undefined, undefined]);
});

test.each<[string, string]>([
  ['nothing', ''],
  ['text', 'text'],
  ['JSON', '{"a":1}'],
  ['an end that is missing', '<a><b></b>'],
  ['ends that cross', '<a><b></a></b>'],
  ['two roots', '<a/><b/>'],
  ['text behind the root', '<a/>x'],
  ['a document type', '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'],
  ['an entity of its own', '<a>&x;</a>'],
  ['a bare ampersand', '<a>1 & 2</a>'],
  ['half a surrogate', '<a>&#xD800;</a>'],
  ['the character 0', '<a>&#0;</a>'],
  ['CDATA', '<a><![CDATA[x]]></a>'],
  ['a processing instruction', '<a><?php x ?></a>'],
  ['an attribute without quotes', '<a b=c></a>'],
  ['a comment without an end', '<a><!-- </a>'],
  ['much depth', '<a>'.repeat(40) + '</a>'.repeat(40)],
])('%s is a fault that quotes nothing', (_, text) => {
  expect(() => parseXml(text)).toThrow(XmlFault);
});

test('whatever text there is, it is read or it is a fault, in little time', () => {
  const part = constantFrom(
    '<a',
    '</a',
    '>',
    '/>',
    '<!--',
    '-->',
    '&lt;',
    '&',
    ' x="1"',
    'text',
    '<?xml',
    '?>',
    '\n',
    '-',
  );
  assert(
    property(array(part, { maxLength: 60 }), (parts) => {
      try {
        parseXml(parts.join(''));
      } catch (error) {
        expect(error).toBeInstanceOf(XmlFault);
      }
    }),
  );
});
