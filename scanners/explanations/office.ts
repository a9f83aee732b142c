/** Sentences for analysts on Office documents (OOXML, OpenDocument, RTF, slides), by rule. */
export const OFFICE_EXPLANATIONS = {
  Excel4_Macro_Commands:
    'XLM formulas such as FORMULA, GET.* or RUN in a macro sheet (T1059.005); old workbooks have them too: read the formulas in order from the entry cell.',
  Excel4_Macro_Runs_On_Open:
    'A defined name Auto_Open, Auto_Close or the like starts XLM without a click (T1204.002): follow the cell that it points to.',
  Excel4_Macro_Runs_Program:
    'EXEC, CALL, REGISTER or a file-writing function in XLM (T1106): typical of loaders such as Qakbot; extract arguments and addresses.',
  Excel_Dde_Command:
    'A DDE link whose server is a shell or interpreter (T1559.002): the topic is the command line; decode it and look for a next stage.',
  Excel_Dde_Formula:
    'A formula of the form program|arguments starts a command through DDE (T1559.002), also in CSV and SYLK: read the formula as a command line.',
  Excel_Dde_Link:
    'A DDE link in the workbook; market data uses it every day, attacks too (T1559.002): check which server and topic it names.',
  Excel_Sheet_Very_Hidden:
    'A sheet in state veryHidden, which only the macro editor shows; common in templates, telling only beside macros or XLM (T1564).',
  Excel_Web_Formula:
    'WEBSERVICE fetches an address when the sheet is calculated and can carry cell content out (T1567): check host and how the address is built.',
  Office_Control:
    'An ActiveX control in the package (T1559.001); forms use them, Shell.Explorer, Flash and the like rarely belong: check the class id and its data.',
  Office_Dde_Field:
    'A DDE or DDEAUTO field (T1559.002); Word asks before it starts the command: join the field’s runs and read program and arguments.',
  Office_Equation_Object:
    'An Equation.2 or .3 ProgID, the class of CVE-2017-11882; old teaching material has it honestly: inspect the Equation Native stream (T1203).',
  Office_Includes_Remote_Text:
    'INCLUDETEXT with a foreign address pulls in content, or leaks the NTLM hash of the reader through a share (T1221, T1187): check the host.',
  Office_Link_Starts_Program:
    'A hyperlink points to an executable or script, local or on a share (T1204.001): see whether the target travels with the document.',
  Office_Link_To_Handler:
    'A hyperlink to a Windows handler such as ms-msdt, search-ms or script (T1202, CVE-2022-30190): decode its arguments.',
  Office_Linked_Object:
    'A LINK field with a foreign source (T1221; CVE-2017-0199 works so): fetch the target in a sandbox and see what type it answers with.',
  Office_Macros_Present:
    'A VBA project exists; this alone says nothing: read it beside the other findings, and ask whether the sender has reason to send macros (T1059.005).',
  Office_Package:
    'A packaged file (OLE Package or htmlfile object): look at the member in the path; its type and name decide (T1204.002).',
  Office_Remote_Picture:
    'A linked picture is fetched on display: mostly newsletters and tracking; over a share it gives away an NTLM hash (T1187).',
  Office_Ribbon_Calls_Macro:
    'customUI onLoad calls a macro when the document opens, a start that searches for AutoOpen miss (T1137): read the callback it names.',
  Office_Script_Object:
    'An htmlfile, scriptlet or Shell.Explorer object as used with CVE-2021-40444 (T1203): extract the object and the address it loads.',
  Odf_Dde_Source:
    'A DDE source in OpenDocument (T1559.002); soffice as server is its own kind of link, any other program is a command: read it.',
  Odf_Event_Runs_Macro:
    'An event such as a click on a button is bound to a macro; forms do so honestly: read the macro (T1059).',
  Odf_Macro_Runs_On_Open:
    'An event of opening, showing or closing is bound to a macro (T1204.002): LibreOffice asks only where macro security does; read the macro.',
  Odf_Macro_Runs_Program:
    'Basic code uses Shell, a system library or a download call (T1059): extract command line and addresses from the macro.',
  Odf_Macros_Present:
    'Basic or Scripts parts exist in the package; many templates have them: telling only together with an event that starts them.',
  Odf_Remote_Media:
    'Media is linked from elsewhere and fetched on play: a beacon at most; on a share it leaks an NTLM hash (T1187).',
  Odf_Remote_Object:
    'An object or frame with a foreign xlink:href is loaded on opening (T1221): check the host and what it serves.',
  Odf_Remote_Picture:
    'A linked picture is fetched on display; ordinary in exported pages, a share as target leaks the NTLM hash (T1187).',
  Odf_Remote_Section:
    'A section, table or cell range takes its content from a foreign file (T1221): check whether the source is inside the organisation.',
  Odf_Script_Outside:
    'A script address with a path leading out of the document, as in CVE-2018-16858 and CVE-2019-9852 (T1203): treat as an exploit attempt.',
  Ooxml_Hidden_Macro_Project:
    'vbaProject in a package whose main type declares no macros: renamed or hand-made to pass filters (T1036.008); open the project itself.',
  Ooxml_Macro_Sheet:
    'A macro sheet of Excel 4 part; rare since 2022, when Excel switched XLM off by default (T1059.005): read its formulas.',
  Ooxml_Remote_Frame:
    'A frame relationship with an external target loads a page on opening (T1221): also a way to collect NTLM hashes (T1187).',
  Ooxml_Remote_Object:
    'An external oleObject relationship, as in CVE-2017-0199 and CVE-2021-40444 (T1221): fetch the target in isolation, note its content type.',
  Ooxml_Remote_Part:
    'An external relationship of another kind; usually links between office files: check host and relationship type.',
  Ooxml_Remote_Picture:
    'An external image is fetched on display: mostly tracking or web content; a share as target leaks the NTLM hash (T1187).',
  Ooxml_Remote_Subdocument:
    'subDocument or altChunk with an external target pulls foreign content in (T1221): check what the target serves and over which protocol.',
  Ooxml_Remote_Template:
    'attachedTemplate with an external target: template injection, macros arrive only on opening (T1221); fetch the template in isolation.',
  Rtf_Equation_Object:
    'objdata with the class of the equation editor: nearly always CVE-2017-11882 or CVE-2018-0802 in RTF (T1203); look for shellcode and address.',
  Rtf_Link_Updates:
    'objupdate with a link object is followed without a click (T1221): the moniker names where it leads.',
  Rtf_Macro_Object:
    'A macro-enabled workbook or document is embedded, usually with objupdate, so that its macro prompt repeats (T1204.002): read the embedded VBA.',
  Rtf_Object_From_Network:
    'A URL moniker or link in an embedded object (CVE-2017-0199, CVE-2017-8759; T1221): the address is the next stage.',
  Rtf_Old_Control:
    'A control such as MSCOMCTL or OTKLOADR, known from CVE-2012-0158 and ASLR bypasses (T1203): check for overlong data and shellcode.',
  Rtf_Package:
    'A file in an OLE Package inside RTF: see the member’s own findings; Word drops it into %TEMP% on opening (T1204.002).',
  Rtf_Package_Program:
    'An OLE Package holds a program or script; Word writes it to %TEMP%, where a second exploit starts it (T1204.002): analyse the member.',
  Rtf_Remote_Template:
    'The template destination of the RTF is an address: RTF template injection (T1221); fetch the template in isolation.',
  Rtf_Script_Object:
    'An htmlfile, script or scriptlet object in RTF (T1203): runs code by its class alone; extract the object.',
  Slide_Runs_Macro: 'A shape action calls a macro on click; quizzes and menus do so: read the macro that it names.',
  Slide_Starts_Object:
    'An OLE verb on mouse-over activates an embedded object without a click (T1204.002): look at the object that it activates.',
  Slide_Starts_Program:
    'A ppaction program action, worst on mouse-over (T1204.002): the relationship target is the command line.',
  Word_Dde_Command:
    'A DDE or DDEAUTO field in binary Word with a shell or interpreter (T1559.002): read the instruction as command line.',
  Word_Dde_Field:
    'A DDE field in binary Word without a known shell (T1559.002); old mail merges have them: check server and topic.',
  Word_Remote_Template:
    'The binary document’s attached template is a web or WebDAV address (T1221): fetch it in isolation and look for macros.',
} as const;
