import { t, type RuleCases } from './case';

const shell = t('Sh~ell');
const open = 'Sub Auto_Open()\n';

/** Text of macros. */
export const macros: RuleCases = {
  Vba_Starts_Program_On_Open: {
    match: ['a.bas', `${open}${shell} "${t('power~shell')} -enc x"\nEnd Sub`],
    miss: ['a.bas', 'Private Sub Workbook_Open()\nSheets("Start").Activate\nMsgBox "See http://example.com"\nEnd Sub'],
  },
  Vba_Fetches_File: {
    match: ['a.bas', t('Declare Function URLDown~loadToFileA Lib "urlmon" (x)')],
    miss: ['a.bas', 'Set r = CreateObject("MSXML2.XMLHTTP")\nRange("A1").Value = r.responseText'],
  },
  Vba_Fetches_And_Starts: {
    match: ['a.bas', t(`URLDown~loadToFileA 0, u, p, 0, 0\n${shell} p`)],
    miss: ['a.bas', `${shell} "notepad.exe"\nSet r = CreateObject("MSXML2.XMLHTTP")`],
  },
  Vba_Puts_Code_Into_Memory: {
    match: [
      'a.bas',
      t(
        'Declare PtrSafe Function Virtual~Alloc Lib "kernel32"()\nDeclare PtrSafe Function Create~Thread Lib "kernel32"()',
      ),
    ],
    miss: [
      'a.bas',
      'Declare PtrSafe Sub CopyMemory Lib "kernel32" Alias "RtlMoveMemory" ()\nDeclare PtrSafe Function SetTimer Lib "user32" ()',
    ],
  },
  Vba_Infects_Other_Documents: {
    match: [
      'a.bas',
      t('Options.VirusProt~ection = False\nNormalTemplate.VBProj~ect.VBComponents(1).CodeModule.Insert~Lines 1, s'),
    ],
    miss: ['a.bas', 'For Each c In ThisWorkbook.VBProject.VBComponents\nDebug.Print c.Name\nNext'],
  },
  Vba_Weakens_Macro_Security: {
    match: [
      'a.bas',
      t('s.RegWr~ite "HKCU\\Software\\Microsoft\\Office\\16.0\\Word\\Security\\Access~VBOM", 1, "REG_DWORD"'),
    ],
    miss: ['a.bas', 's.RegRead "HKCU\\Software\\Microsoft\\Office\\16.0\\Word\\Options\\DOC-PATH"'],
  },
  Vba_Built_From_Codes: {
    match: ['a.bas', `${shell} ${Array.from({ length: 80 }, () => 'Chr(65)').join(' & ')}`],
    miss: ['a.bas', `${shell} "calc" & Chr(34)\nrow = "a" & Chr(10) & "b"`],
  },
  Vba_Starts_From_Form_Text: {
    match: ['a.bas', `${shell} UserForm1.TextBox1.Tag, 0`],
    miss: ['a.bas', 'MsgBox UserForm1.Caption'],
  },
};
